/** Stored on `globalThis`, so that all copies of the package in a process share it. */
const POOL_PROCESS = Symbol.for('scythe.pool-process')

interface PoolProcess {
  /** Called when the script has reached an `allocate` or a `start`. */
  readonly park: () => void
}

const shared = globalThis as { [POOL_PROCESS]?: PoolProcess }

/**
 * Returns whether a pool started this process to run specs. Such a process imports scripts only for
 * the experiments that they define.
 */
export function inPoolProcess(): boolean {
  return shared[POOL_PROCESS] !== undefined
}

/**
 * Parks the script in a pool's process. `allocate` and `start` return this promise, which stays
 * pending, so that the script does not continue.
 */
export function parkPoolProcess(): Promise<never> {
  shared[POOL_PROCESS]?.park()
  return new Promise(() => {})
}

/** Marks this process as a pool's process. Resolves when the script that is imported next parks. */
export function becomePoolProcess(): Promise<void> {
  let park = () => {}
  const parked = new Promise<void>((resolve) => {
    park = resolve
  })
  shared[POOL_PROCESS] = { park }
  return parked
}
