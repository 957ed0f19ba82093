import { openTable, type TableFile } from './file.js'
import { decodeStretches, readSlice } from './slice.js'
import type { ByteSource } from './source.js'

/**
 * Yields every row of a table, in order, as an object. It holds one row group in memory at a time;
 * of a large row group, it holds only some rows.
 */
export async function* readRows(source: ByteSource, file?: TableFile): AsyncIterable<Record<string, unknown>> {
  const table = file ?? (await openTable(source))
  const names = table.schema.columns.map(({ name }) => name)
  for (let group = 0; group < table.rowGroups.length; group++) {
    const slice = await readSlice(source, table, group)
    for await (const { columns, rows } of decodeStretches(slice)) {
      for (let i = 0; i < rows; i++) {
        const row: Record<string, unknown> = {}
        for (const name of names) row[name] = columns[name]![i]
        yield row
      }
    }
  }
}
