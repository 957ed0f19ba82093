import { asMeant } from '../store/address.js'
import { objectAt } from '../store/backends.js'
import { enduring, NONE } from '../store/patience.js'
import type { Store } from '../store/store.js'
import { RunObjectInvalidError } from './errors.js'
import type { ServedStores } from './served.js'
import type { TaskHost } from './task.js'

type Stoppable = Pick<TaskHost, 'signal'>

/** The stores that the tasks of a worker may use. */
export interface TaskStores {
  /** The stores that tasks may name. */
  readonly served: ServedStores
  /** Opens a store that does not wait for an outage to end: tasks share it. */
  at(address: string): Store
  /**
   * Returns a function that opens stores that wait for an outage to end, until the task is stopped.
   */
  of(task: Stoppable): (address: string) => Store
  /**
   * Returns a function that opens stores of input files. There, a refusal does not count as an
   * outage.
   */
  ofInputs(task: Stoppable): (address: string) => Store
  /** Reads an object of a served store. Rejects with `TaskForbiddenError` for other stores. */
  getObject(uri: string, task: Stoppable): Promise<Uint8Array>
}

/** Number of stores that a worker keeps open. */
const KEPT_OPEN = 16

export function createTaskStores(served: ServedStores, open: (address: string) => Store): TaskStores {
  const kept = new Map<string, Store>()

  function at(address: string): Store {
    const store = kept.get(address) ?? open(address).patient(NONE)
    kept.set(address, store)
    if (kept.size > KEPT_OPEN) kept.delete(kept.keys().next().value!)
    return store
  }

  function of({ signal }: Stoppable): (address: string) => Store {
    const patience = enduring(signal)
    return (address) => at(address).patient(patience)
  }

  return {
    served,
    at,
    of,
    ofInputs({ signal }) {
      const patience = { ...enduring(signal), refusals: false }
      return (address) => at(address).patient(patience)
    },
    getObject: (uri, task) =>
      asMeant(uri, async (address) => {
        const object = objectAt(address)
        if (!object) throw new RunObjectInvalidError(uri, 'it is not the address of an object, as s3://bucket/key')
        served.checkObject(address)
        return of(task)(object.store).get(object.key)
      }),
  }
}
