import { formatCount } from './format.js'

/** Errors that say the same. */
export interface ErrorGroup {
  readonly code: string
  readonly name: string
  readonly message: string
  readonly count: number
  /** The first few specs of them, by `sort_index`. */
  readonly specs: readonly unknown[]
}

const EXAMPLES = 5
/** Kept at once, so that a million different messages need no memory. */
const MOST_GROUPS = 1000

/** Groups rows of the errors table by what they say, the most frequent first. `others` are those beyond what can be kept. */
export async function groupErrors(
  rows: AsyncIterable<Readonly<Record<string, unknown>>>,
): Promise<{ groups: ErrorGroup[]; others: number }> {
  const groups = new Map<string, { code: string; name: string; message: string; count: number; specs: unknown[] }>()
  let others = 0
  for await (const { error_code, error_name, error_message, sort_index } of rows) {
    const key = `${error_code}\n${error_name}\n${error_message}`
    let group = groups.get(key)
    if (!group) {
      if (groups.size === MOST_GROUPS) {
        others += 1
        continue
      }
      group = {
        code: String(error_code),
        name: String(error_name),
        message: String(error_message),
        count: 0,
        specs: [],
      }
      groups.set(key, group)
    }
    group.count += 1
    if (group.specs.length < EXAMPLES) group.specs.push(sort_index)
  }
  return { groups: [...groups.values()].sort((a, b) => b.count - a.count), others }
}

/** What an error says, then how often and where. */
export function errorLines({ code, name, message, count, specs }: ErrorGroup): string {
  const [first = '', ...more] = message.split('\n')
  const said = name === code ? first : `${name}: ${first}`
  const where = `${specs.join(', ')}${count > specs.length ? ', …' : ''}`
  return `  ${formatCount(count)} × ${code}  ${said}${more.length > 0 ? ' …' : ''}\n      ${count === 1 ? 'spec' : 'specs'} ${where}`
}
