import { type Environment, readSettings } from './environment.js'
import { duration } from './types.js'

/** Settings of every store. Each backend declares its own settings beside its adapter. */
export const PATIENCE_SETTINGS = {
  storagePatience: duration({
    variable: 'SCYTHE_STORAGE_PATIENCE',
    default: 300_000,
    doc: 'how long a run waits for a store that is away, busy or full',
  }),
}

/** Returns how long the tasks of a run wait for a store that is unavailable, in ms. */
export function storagePatience(env: Environment): number {
  return readSettings(PATIENCE_SETTINGS, env).storagePatience
}
