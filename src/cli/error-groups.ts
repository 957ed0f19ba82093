import { formatCount } from './format.js'

/** Errors with equal code, name and message. */
export interface ErrorGroup {
  readonly code: string
  readonly name: string
  readonly message: string
  readonly count: number
  /** The first few specs with the error, by `sort_index`. */
  readonly specs: readonly unknown[]
}

const EXAMPLES = 5
/** Largest number of groups in memory, so that a million different messages do not exhaust it. */
const MOST_GROUPS = 1000

/**
 * Groups rows of the errors table by code, name and message, most frequent first. `others` is the
 * number of rows that are in none of the groups, because there are too many groups.
 */
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

/** Formats a group of errors: the error, then its count and its specs. */
export function errorLines({ code, name, message, count, specs }: ErrorGroup): string {
  const [first = '', ...more] = message.split('\n')
  const said = name === code ? first : `${name}: ${first}`
  const where = `${specs.join(', ')}${count > specs.length ? ', …' : ''}`
  return `  ${formatCount(count)} × ${code}  ${said}${more.length > 0 ? ' …' : ''}\n      ${count === 1 ? 'spec' : 'specs'} ${where}`
}
