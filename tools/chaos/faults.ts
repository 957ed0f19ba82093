import { damageFaults } from './faults/damage.js'
import type { EngineName, Fault } from './faults/fault.js'
import { processFaults } from './faults/processes.js'
import { runFaults } from './faults/runs.js'
import { storageFaults } from './faults/storage.js'
import type { Place } from './place.js'

/** Every class of faults. */
export const FAULTS: readonly Fault[] = [...processFaults, ...runFaults, ...storageFaults, ...damageFaults]

/** Those that can come where runs are on this engine and in such a store. */
export function faultsFor(engine: EngineName, store: Place['kind']): Fault[] {
  return FAULTS.filter(({ engines, stores }) => engines.includes(engine) && stores.includes(store))
}
