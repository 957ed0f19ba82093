import { FileUnavailableError } from '../errors.js'
import type { BatchHost, FinishedRows } from '../executor.js'
import type { FromProcess, Limits, Order, ToProcess } from '../protocol.js'
import { runningTime } from '../running-time.js'
import { monotonicNow, type Status } from '../status-file.js'
import { graceMs, pollMs, STALL_MS } from '../time-limit.js'
import type { ChildProcess } from './child-process.js'
import type { ProcessExit } from './exit-cause.js'

/** The result of running an order in a process. */
export type RunEnd =
  | { readonly type: 'done'; readonly seconds: number }
  | { readonly type: 'stopped' }
  /** The process exited after it had started `begun` specs of the order, as far as is known. */
  | { readonly type: 'exited'; readonly exit: ProcessExit; readonly begun: number; readonly seconds: number }

export interface RunHost {
  readonly readSpecs: BatchHost['readSpecs']
  fetchFile(uri: string): Promise<string>
  /** Called when the process has sent rows, before they are stored. */
  onLeft(rows: FinishedRows): void
  /** Stores rows. Called in row order, one call at a time. */
  keep(rows: FinishedRows): Promise<void>
  onStatus(status: Status): void
  /** Ends the batch because the host cannot continue. */
  fail(reason: unknown): void
  readonly signal: AbortSignal
}

/**
 * Time in ms that a function may continue after it was told to stop, before its process is killed.
 */
const STOP_MS = 2000

/**
 * Runs an order in a process, and serves its requests meanwhile. Resolves when the process is free
 * for another order. `kept` settles when the rows that the process sent are stored, or could not be
 * stored.
 */
export async function runInChild(
  child: ChildProcess,
  order: Order,
  limits: Limits,
  host: RunHost,
): Promise<RunEnd & { readonly kept: Promise<void> }> {
  const { executionTimeout: limit } = limits
  const startedAt = performance.now()
  const { begun: begunBefore } = child.status()
  let kept = Promise.resolve()
  /** Whether rows came with files, which wait in the process's folder. */
  let hasFiles = false
  let stopTimer: NodeJS.Timeout | undefined
  let isOver = false
  let seen = ''
  let seenAt = monotonicNow()
  const time = runningTime()
  let ended: (end: RunEnd) => void = () => {}

  function hear(message: FromProcess): void {
    switch (message.type) {
      case 'read-specs':
        child.owed += 1
        host
          .readSpecs(message.row)
          .then((slice) => give({ type: 'specs', slice }), host.fail)
          .finally(given)
        break
      case 'fetch-file':
        child.owed += 1
        void fetchFor(message.uri).finally(given)
        break
      case 'rows': {
        host.onLeft(message.rows)
        hasFiles ||= message.rows.files.length > 0
        kept = kept.then(() => host.keep(message.rows))
        kept.catch(host.fail)
        child.owed += 1
        const taken = () => {
          child.send({ type: 'taken' })
          given()
        }
        kept.then(taken, taken)
        break
      }
      case 'done':
      case 'stopped':
        ended(message)
    }
  }

  async function fetchFor(uri: string): Promise<void> {
    try {
      give({ type: 'file', uri, path: await host.fetchFile(uri) })
    } catch (error) {
      // Any other failure is unrelated to the spec that needs the file.
      if (error instanceof FileUnavailableError) give({ type: 'no-file', uri, reason: error.reason })
      else host.fail(error)
    }
  }

  /**
   * Sends a reply, unless the order is over: the process would take a late reply for the reply to
   * its next request.
   */
  function give(message: ToProcess): void {
    if (!isOver) child.send(message)
  }

  function given(): void {
    child.owed -= 1
    seenAt = monotonicNow()
  }

  /**
   * Kills the process if an attempt is overdue or the process has stalled. Time in which this
   * process could not run counts for neither.
   */
  function watch(): void {
    const status = child.status()
    const { sortIndex, attempt, startedAt, wakesAt } = status
    host.onStatus(status)
    if (startedAt > 0) {
      seenAt = monotonicNow()
      if (time.since(startedAt) > limit + graceMs(limit)) child.kill({ type: 'overdue', limit, startedAt })
      return
    }
    const now = `${sortIndex} ${attempt} ${wakesAt}`
    // Before the first spec, the module itself may keep the process busy.
    if (now !== seen || child.owed > 0 || wakesAt > monotonicNow() || status.begun === 0) seenAt = monotonicNow()
    seen = now
    if (time.since(seenAt) > STALL_MS) child.kill({ type: 'stalled' })
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
    child.onExit((exit) => {
      const begun = exit.status.begun - begunBefore
      ended({ type: 'exited', exit, begun, seconds: (performance.now() - startedAt) / 1000 })
    })
    child.listen(hear)
    child.send({ type: 'run', ...order })
    const how = await end
    if (how.type !== 'done' || hasFiles) await kept.catch(() => {})
    return { ...how, kept }
  } finally {
    isOver = true
    clearInterval(timer)
    clearTimeout(stopTimer)
    host.signal.removeEventListener('abort', stop)
  }
}
