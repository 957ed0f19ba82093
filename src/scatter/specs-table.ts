import type { Store } from '../store/store.js'
import type { TableFile } from '../table/file.js'
import type { ByteSource } from '../table/source.js'
import { NOT_AGAIN, SPECS_KEY } from './allocation.js'
import { RunObjectInvalidError } from './errors.js'
import { findObject } from './find-object.js'
import { openObjectTable, readObjectRows } from './run-folder.js'

/**
 * Opens the table of a run's specs, in the run's folder. The manifest names it by the address that
 * it had when it was written.
 */
export async function openSpecs(folder: Store): Promise<[ByteSource, TableFile]> {
  if (await findObject(folder, SPECS_KEY)) return openObjectTable(folder, SPECS_KEY)
  throw new RunObjectInvalidError(folder.uriOf(SPECS_KEY), `it is not there. ${NOT_AGAIN}`)
}

export async function* readSpecs(folder: Store): AsyncGenerator<Record<string, unknown>> {
  yield* readObjectRows(folder, SPECS_KEY, await openSpecs(folder))
}
