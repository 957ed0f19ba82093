import { writeFile } from 'node:fs/promises'
import type { Run } from '../run/run.js'
import { scopedStore } from '../store/scoped-store.js'
import type { Store } from '../store/store.js'
import type { Column } from '../table/schema.js'
import { encodeTable } from '../table/writer.js'
import { exportRows } from './export.js'
import { writeOutput } from './export-file.js'
import { type ExportOptions, exportFormat } from './export-format.js'
import { readableColumns } from './readable-columns.js'

/** Writes a table of a run in the format and to the place that the options name. */
export async function exportTable(store: Store, run: Run, table: string, options: ExportOptions): Promise<void> {
  const { output, raw } = options
  const format = exportFormat(options)
  const columns = await readableColumns(store, run, table)
  if (format !== 'parquet') return exportRows(run.rows(table), columns, format, output, raw)
  return writeOutput(output!, (path) => copyTable(store, run, table, columns, path))
}

/**
 * Copies the table as it is stored. A run without errors has no table of errors, so an empty one is
 * written.
 */
async function copyTable(store: Store, run: Run, table: string, columns: readonly Column[], path: string) {
  if (Object.hasOwn(await run.results(), table)) await scopedStore(store, run.id).download(`final/${table}.pq`, path)
  else await writeFile(path, encodeTable({ columns, index: [] }, {}, 0))
}
