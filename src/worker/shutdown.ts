import { constants } from 'node:os'
import { deferred } from '../async/promises.js'
import type { WorkerHandle } from '../engine/engine.js'
import { formatDuration } from '../settings/duration.js'
import type { WorkerSettings } from '../settings/worker.js'
import type { TaskCounters } from './task-counters.js'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
/** A signal that comes again within so many ms is the same one: npm passes on what the terminal has sent to all. */
const ECHO_MS = 500

/** Waits for a reason to leave in good order, and keeps the process running meanwhile. */
export interface Shutdown {
  /** Settles when the worker is to leave: with the reason, in words. */
  readonly requested: Promise<string>
  /** From now on, too long without a task is a reason too. */
  watchIdle(tally: TaskCounters, serving: Pick<WorkerHandle, 'busy'>): void
  /** Lets go of the signals and of the process. */
  close(): void
}

/** The first signal is a reason; the second ends the process at once, and with it the pool. */
export function watchShutdown({ idleExit, lifetime }: Pick<WorkerSettings, 'idleExit' | 'lifetime'>): Shutdown {
  const asked = deferred<string>()
  const awake = setInterval(() => {}, 2 ** 30)
  const after = (ms: number | undefined, act: (time: string) => void) =>
    ms === undefined ? undefined : setTimeout(() => act(formatDuration(ms)), ms).unref()
  const end = after(lifetime, (time) => asked.resolve(`${time} are over`))
  let idle: NodeJS.Timeout | undefined
  let first: { readonly signal: NodeJS.Signals; readonly at: number } | undefined

  const hear = (signal: (typeof SIGNALS)[number]) => {
    const at = performance.now()
    first ??= { signal, at }
    asked.resolve(signal)
    const isSame = signal === first.signal && at - first.at < ECHO_MS
    if (!isSame) process.exit(128 + constants.signals[signal])
  }
  for (const signal of SIGNALS) process.on(signal, hear)

  return {
    requested: asked.promise,
    watchIdle(tally, serving) {
      const changed = () => {
        clearTimeout(idle)
        if (tally.busy > 0) return
        // Tasks of others' workflows are seen only when it is time.
        idle = after(idleExit, (time) => (serving.busy() > 0 ? changed() : asked.resolve(`no task for ${time}`)))
      }
      tally.onChange(changed)
      changed()
    },
    close() {
      for (const signal of SIGNALS) process.off(signal, hear)
      for (const timer of [awake, end, idle]) clearTimeout(timer)
    },
  }
}
