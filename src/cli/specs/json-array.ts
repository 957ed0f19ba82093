import { SpecsUnreadableError } from '../errors.js'
import { decodeText } from './decode.js'
import { JsonProblem, JsonSplitter } from './json-splitter.js'
import { parseObject } from './jsonl.js'
import type { OpenTable, RowBatch } from './rows.js'

/**
 * Reads the objects of a file that contains one JSON array of them. Throws `SpecsUnreadableError`
 * with the line and the item.
 */
export function readJsonArray(file: string, chunks: AsyncIterable<Uint8Array>, encoding?: string): OpenTable {
  const splitter = new JsonSplitter()
  let item = 0
  async function* batches(): AsyncGenerator<RowBatch> {
    for await (const text of decodeText(file, chunks, () => splitter.line, encoding)) {
      const items = split(() => splitter.push(text))
      yield {
        rows: items.map(({ text, line }) => parseObject(file, text, `item ${++item} (line ${line})`)),
        places: items.map(({ line }) => line),
      }
      split(() => splitter.check())
    }
    split(() => splitter.end())
  }
  function split<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (error instanceof JsonProblem) throw new SpecsUnreadableError(file, error.message, { cause: error })
      throw error
    }
  }
  return { encoding: 'data', unit: 'item', batches: batches() }
}
