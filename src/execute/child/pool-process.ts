/** Hangs on `globalThis`, so that every copy of the package in a process knows. */
const POOL_PROCESS = Symbol.for('scythe.pool-process')

interface PoolProcess {
  /** Called when the script has come to an `allocate` or a `start`. */
  readonly park: () => void
}

const shared = globalThis as { [POOL_PROCESS]?: PoolProcess }

/** Whether a pool started this process to run specs: scripts are imported here for the experiments they define, and nothing else. */
export function inPoolProcess(): boolean {
  return shared[POOL_PROCESS] !== undefined
}

/** What `allocate` and `start` give in a pool's process: a promise that stays open, so that the script goes no further. */
export function parkPoolProcess(): Promise<never> {
  shared[POOL_PROCESS]?.park()
  return new Promise(() => {})
}

/** Makes this process one of a pool's. Settles when the script that is imported next parks. */
export function becomePoolProcess(): Promise<void> {
  let park = () => {}
  const parked = new Promise<void>((resolve) => {
    park = resolve
  })
  shared[POOL_PROCESS] = { park }
  return parked
}
