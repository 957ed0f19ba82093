import { constants } from 'node:os'
import { deferred } from '../async/promises.js'
import type { WorkerHandle } from '../engine/engine.js'
import { formatDuration } from '../settings/duration.js'
import type { WorkerSettings } from '../settings/worker.js'
import type { TaskCounters } from './task-counters.js'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
/**
 * Time in ms within which a repeated signal counts as one: npm forwards a signal that the terminal
 * has already sent to all processes.
 */
const ECHO_MS = 500

/** Waits for a shutdown request, and keeps the process running meanwhile. */
export interface Shutdown {
  /** Resolves with the reason, in words, when the worker must shut down. */
  readonly requested: Promise<string>
  /** Makes a period of `idleExit` without a task a reason to shut down, too, from now on. */
  watchIdle(tally: TaskCounters, serving: Pick<WorkerHandle, 'busy'>): void
  /** Removes the signal listeners, and lets the process exit. */
  close(): void
}

/**
 * Starts to watch for shutdown requests. The first signal is a request; the second one ends the
 * process at once, together with the pool.
 */
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
        // Tasks of included workflows are not counted, so they are checked when the time is over.
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
