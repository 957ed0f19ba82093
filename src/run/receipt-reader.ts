import { ALLOCATION_KEY, readAllocation } from '../scatter/allocation.js'
import { findObject } from '../scatter/find-object.js'
import { type RunReceipt, readRunReceipt } from '../scatter/finish.js'
import type { RunReader, RunStatus } from '../scatter/run-reader.js'
import type { Store } from '../store/store.js'
import { createReceiptCount } from './count-receipts.js'
import { findMissingTables, readWholeRows } from './final-tables.js'

/**
 * Returns a reader of a run by this Scythe, or `undefined` if the run has neither a receipt nor an
 * allocation, such as a run of Python Scythe.
 */
export async function openReceiptReader(folder: Store): Promise<RunReader | undefined> {
  const receipt = await readRunReceipt(folder)
  if (receipt) return readerOfDone(folder, receipt)
  return (await findObject(folder, ALLOCATION_KEY)) ? readerOfOpen(folder) : undefined
}

function readerOfDone(folder: Store, receipt: RunReceipt): RunReader {
  return {
    resumable: true,
    async status() {
      const { specs, results, errors } = receipt
      const counts = { specs, results, errors, open: 0, ...several(receipt.codes), writtenBy: 'typescript' } as const
      const found = await findMissingTables(folder, receipt)
      if (found.length === 0) return { ...counts, state: 'done' }
      return { ...counts, state: 'open', damaged: found.map(({ uri, problem }) => `${uri} is damaged: ${problem}.`) }
    },
    tableNames: async () => Object.keys(receipt.tables),
    async table(name) {
      const { key, rows } = receipt.tables[name]!
      return { uri: folder.uriOf(key), rows }
    },
    rows: (name) => readWholeRows(folder, receipt, name),
  }
}

function readerOfOpen(folder: Store): RunReader {
  const missing = (name: string): never => {
    throw new Error(`The run is open and has no table ${name}.`)
  }
  return {
    resumable: true,
    async status() {
      const { specs } = await readAllocation(folder)
      const { results, errors } = await createReceiptCount(folder, specs)()
      return { specs, results, errors, open: specs - results - errors, state: 'open', writtenBy: 'typescript' }
    },
    async tableNames() {
      // A run with a damaged allocation cannot be resumed, so waiting for its tables would be in
      // vain.
      await readAllocation(folder)
      return undefined
    },
    table: missing,
    rows: missing,
  }
}

function several(codes: RunStatus['codes']): Pick<RunStatus, 'codes'> {
  return codes && codes.length > 1 ? { codes } : {}
}
