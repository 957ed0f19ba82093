import { ALLOCATION_KEY, type Allocation, readAllocation } from '../scatter/allocation.js'
import { PLAN_KEY } from '../scatter/fan.js'
import { checkNotBlocked, findObject } from '../scatter/find-object.js'
import { RUN_RECEIPT_KEY } from '../scatter/finish.js'
import type { Store } from '../store/store.js'
import { RunNotResumableError } from './errors.js'

/**
 * Reads the data needed to resume a run. Rejects with `RunNotResumableError` if it is missing, as
 * in a run that Python Scythe wrote, and with `RunObjectInvalidError` if something stands where the
 * run has to write: hours later would be too late for that error.
 */
export async function readResumable(folder: Store, id: string): Promise<Allocation> {
  if (!(await findObject(folder, ALLOCATION_KEY))) throw new RunNotResumableError(id)
  const allocation = await readAllocation(folder)
  const tables = Object.keys(allocation.tables).map((table) => `final/${table}.pq`)
  for (const key of [RUN_RECEIPT_KEY, PLAN_KEY, 'receipts/x', 'parts/x', ...tables]) await checkNotBlocked(folder, key)
  return allocation
}
