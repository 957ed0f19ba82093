import { ALLOCATION_KEY, type Allocation, readAllocation } from '../scatter/allocation.js'
import type { Store } from '../store/store.js'
import { RunNotResumableError } from './errors.js'

/** Returns what a run is resumed with. Throws `RunNotResumableError` where there is nothing of the kind, as in one that Python Scythe wrote. */
export async function readResumable(folder: Store, id: string): Promise<Allocation> {
  if (!(await folder.head(ALLOCATION_KEY))) throw new RunNotResumableError(id)
  return readAllocation(folder)
}
