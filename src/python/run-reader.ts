import { readObjectRows } from '../scatter/run-folder.js'
import type { RunReader } from '../scatter/run-reader.js'
import type { Store } from '../store/store.js'
import { finalTableKey, listFinalTables, openFinalTable } from './final-tables.js'
import { readPythonStatus } from './run-status.js'

/**
 * Returns a reader of a run that Python Scythe wrote, or of a run of a workflow. Neither kind has
 * receipts.
 */
export function createPythonRunReader(folder: Store): RunReader {
  const open = async (name: string) => {
    const key = finalTableKey(name)
    return { key, table: await openFinalTable(folder, key) }
  }
  return {
    resumable: false,
    status: () => readPythonStatus(folder),
    async tableNames() {
      const names = Object.keys(await listFinalTables(folder))
      return names.length > 0 ? names : undefined
    },
    async table(name) {
      const { key, table } = await open(name)
      return { uri: folder.uriOf(key), rows: table[1].rows }
    },
    async *rows(name) {
      const { key, table } = await open(name)
      yield* readObjectRows(folder, key, table)
    },
  }
}
