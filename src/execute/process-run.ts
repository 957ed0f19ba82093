import { FileUnavailableError } from './errors.js'
import type { BatchHost, FinishedRows } from './pool.js'
import type { PoolProcess } from './process.js'
import type { FromProcess, Limits, Order } from './protocol.js'
import { monotonicNow, type Status } from './status-file.js'
import type { Thrown } from './thrown.js'
import { graceMs, pollMs } from './time-limit.js'
import type { Death } from './verdict.js'

/** How a process got on with an order. */
export type RunEnd =
  | { readonly type: 'done'; readonly seconds: number }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly thrown: Thrown }
  | { readonly type: 'died'; readonly death: Death; readonly seconds: number }

export interface RunHost {
  readonly readSpecs: BatchHost['readSpecs']
  fetchFile(uri: string): Promise<string>
  /** Told when rows have left the process, before they are kept. */
  onLeft(rows: FinishedRows): void
  /** Called in order, one at a time. */
  keep(rows: FinishedRows): Promise<void>
  onStatus(status: Status): void
  /** Ends the batch: the host cannot go on. */
  fail(reason: unknown): void
  readonly signal: AbortSignal
}

/** How long a function that is told to stop may go on before its process is ended. */
const STOP_MS = 2000

/**
 * Has a process run an order, and serves it meanwhile. Settles when the process is free for another; `kept` does when the rows
 * that left it are kept, or could not be.
 */
export async function runInProcess(
  child: PoolProcess,
  order: Order,
  limits: Limits,
  host: RunHost,
): Promise<RunEnd & { readonly kept: Promise<void> }> {
  const { executionTimeout: limit } = limits
  const startedAt = performance.now()
  let kept = Promise.resolve()
  /** They wait in the process's folder. */
  let hasFiles = false
  let stopTimer: NodeJS.Timeout | undefined
  let ended: (end: RunEnd) => void = () => {}

  function hear(message: FromProcess): void {
    switch (message.type) {
      case 'read-specs':
        host.readSpecs(message.row).then((slice) => child.send({ type: 'specs', slice }), host.fail)
        break
      case 'fetch-file':
        void fetchFor(message.uri)
        break
      case 'rows': {
        host.onLeft(message.rows)
        hasFiles ||= message.rows.files.length > 0
        kept = kept.then(() => host.keep(message.rows))
        kept.catch(host.fail)
        const taken = () => child.send({ type: 'taken' })
        kept.then(taken, taken)
        break
      }
      case 'done':
      case 'stopped':
      case 'failed':
        ended(message)
    }
  }

  async function fetchFor(uri: string): Promise<void> {
    try {
      child.send({ type: 'file', uri, path: await host.fetchFile(uri) })
    } catch (error) {
      const reason = error instanceof FileUnavailableError ? error.reason : (error as Error).message
      child.send({ type: 'no-file', uri, reason })
    }
  }

  function watch(): void {
    const status = child.status()
    host.onStatus(status)
    const isOver = status.startedAt > 0 && monotonicNow() - status.startedAt > limit + graceMs(limit)
    if (isOver) child.kill({ limit, startedAt: status.startedAt })
  }

  function stop(): void {
    child.send({ type: 'cancel' })
    stopTimer = setTimeout(() => child.kill(), STOP_MS)
  }

  const timer = setInterval(watch, pollMs(limit))
  host.signal.addEventListener('abort', stop)
  try {
    const end = new Promise<RunEnd>((resolve) => {
      ended = resolve
    })
    const died = child.died.then(
      (death): RunEnd => ({ type: 'died', death, seconds: (performance.now() - startedAt) / 1000 }),
    )
    child.listen(hear)
    child.send({ type: 'run', ...order })
    const how = await Promise.race([end, died])
    if (how.type !== 'done' || hasFiles) await kept.catch(() => {})
    return { ...how, kept }
  } finally {
    clearInterval(timer)
    clearTimeout(stopTimer)
    host.signal.removeEventListener('abort', stop)
  }
}
