import type { Row } from '../../experiment/convert.js'
import { SpecsUnreadableError } from '../errors.js'
import { decodeText } from './decode.js'
import { LONGEST_ROW, TOO_LONG } from './longest.js'
import type { OpenTable, RowBatch } from './rows.js'

/**
 * Reads the objects of a file with one JSON object on each line. Throws `SpecsUnreadableError` with
 * the line.
 */
export function readJsonLines(file: string, chunks: AsyncIterable<Uint8Array>, encoding?: string): OpenTable {
  async function* batches(): AsyncGenerator<RowBatch> {
    let number = 0
    const tooLong = () => new SpecsUnreadableError(file, `line ${number + 1} ${TOO_LONG}`)
    for await (const lines of linesOf(
      decodeText(file, chunks, () => number + 1, encoding),
      tooLong,
    )) {
      const rows: Row[] = []
      const places: number[] = []
      for (const line of lines) {
        number += 1
        if (line.trim() === '') continue
        rows.push(parseObject(file, line, `line ${number}`))
        places.push(number)
      }
      yield { rows, places }
    }
  }
  return { encoding: 'data', unit: 'line', batches: batches() }
}

async function* linesOf(texts: AsyncIterable<string>, tooLong: () => Error): AsyncGenerator<string[]> {
  let rest = ''
  for await (const text of texts) {
    const end = text.lastIndexOf('\n')
    if (end >= 0) yield (rest + text.slice(0, end)).split('\n')
    rest = end >= 0 ? text.slice(end + 1) : rest + text
    if (rest.length > LONGEST_ROW) throw tooLong()
  }
  yield [rest]
}

/** Parses one JSON object. `place` describes where it is. Throws `SpecsUnreadableError`. */
export function parseObject(file: string, text: string, place: string): Row {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const fix = /\b(NaN|Infinity)\b/.test(text)
      ? ' JSON has no NaN and no Infinity: write null.'
      : /^\s*\[/.test(text)
        ? ' One array with all objects is a .json file.'
        : ''
    throw new SpecsUnreadableError(file, `${place} is not valid JSON (${(cause as Error).message}).${fix}`, { cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row
  throw new SpecsUnreadableError(file, `${place} is not a JSON object such as {"rValue": 2.5}.`)
}
