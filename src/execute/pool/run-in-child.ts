import { FileUnavailableError } from '../errors.js'
import type { BatchHost, FinishedRows } from '../executor.js'
import type { FromProcess, Limits, Order, ToProcess } from '../protocol.js'
import { runningTime } from '../running-time.js'
import { monotonicNow, type Status } from '../status-file.js'
import { graceMs, pollMs, STALL_MS } from '../time-limit.js'
import type { ChildProcess } from './child-process.js'
import type { ProcessExit } from './exit-cause.js'

/** How a process got on with an order. */
export type RunEnd =
  | { readonly type: 'done'; readonly seconds: number }
  | { readonly type: 'stopped' }
  /** `begun` specs of the order, as far as that was seen. */
  | { readonly type: 'exited'; readonly exit: ProcessExit; readonly begun: number; readonly seconds: number }

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
  /** They wait in the process's folder. */
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
      // Anything else says nothing of the spec that needs the file.
      if (error instanceof FileUnavailableError) give({ type: 'no-file', uri, reason: error.reason })
      else host.fail(error)
    }
  }

  /** What comes after the order is over would be taken for an answer to the next one. */
  function give(message: ToProcess): void {
    if (!isOver) child.send(message)
  }

  function given(): void {
    child.owed -= 1
    seenAt = monotonicNow()
  }

  /** Time in which nothing here could run counts neither for an attempt nor for a process that does not go on. */
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
    // Before the first spec it is the module's own affair what keeps it busy.
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
