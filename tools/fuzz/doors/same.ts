import type { OpenTable } from '../../../src/cli/specs/rows.js'
import type { Random } from '../../chaos/random.js'
import { RuleBroken } from '../door.js'
import { pieces } from './specs.js'

/** Throws `RuleBroken` unless a text is the same table, or refused with the same words, in whatever pieces it comes. */
export async function checkPieces(
  input: Uint8Array,
  random: Random,
  read: (chunks: AsyncIterable<Uint8Array>) => Promise<OpenTable> | OpenTable,
): Promise<void> {
  async function* whole() {
    yield input
  }
  const expected = await outcomeOf(() => read(whole()))
  const found = await outcomeOf(() => read(pieces(input, random)))
  // Of two faults, that of the encoding may be met first.
  if (
    found === expected ||
    (NO_TEXT.test(found) !== NO_TEXT.test(expected) && /cannot be read/.test(`${found}${expected}`))
  )
    return
  const at = [...expected].findIndex((char, i) => char !== found[i])
  const near = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 100), at + 200))
  throw new RuleBroken(`in pieces it is another table: ${near(found)} instead of ${near(expected)}`)
}

const NO_TEXT = / is not in /

/** The rows with their places, and what ended them. */
async function outcomeOf(open: () => Promise<OpenTable> | OpenTable): Promise<string> {
  const lines: string[] = []
  try {
    const table = await open()
    for await (const { rows, places } of table.batches) {
      for (const [i, row] of rows.entries()) lines.push(`${places[i]} ${JSON.stringify(row)}`)
    }
  } catch (error) {
    // How many rows came before it depends on the pieces.
    return (error as Error).message
  }
  return lines.join('\n')
}
