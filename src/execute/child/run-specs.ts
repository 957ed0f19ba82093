import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Experiment } from '../../experiment/experiment.js'
import { withExtra } from '../../experiment/extra.js'
import { experimentTables, specColumns } from '../../experiment/tables.js'
import type { Order } from '../protocol.js'
import { Phase, type StatusWriter } from '../status-file.js'
import { pollMs } from '../time-limit.js'
import { createAttempts } from './attempts.js'
import type { Channel } from './channel.js'
import { createJudge } from './judge.js'
import { createRecorder } from './recorder.js'
import { createRowFlusher } from './row-flusher.js'
import { createSpecRunner } from './run-spec.js'
import type { SharedState } from './shared-state.js'
import type { SpecReader, SpecRows } from './spec-rows.js'

/** The services that all batches of a process share. */
export interface RunnerTools {
  readonly channel: Channel
  readonly status: StatusWriter
  readonly shared: SharedState
  readonly readSpecs: SpecReader
  /** Returns the time in ms, up to `now`, for which this process was stopped. */
  readonly stopped: (now: number) => number
  /** The process's own folder. */
  readonly folder: string
  /** The worker's name. */
  readonly worker: string
}

/** An order in progress. */
export interface Running {
  /**
   * Runs the specs in order. Resolves with the seconds that they took. Rejects with the signal's
   * reason if the order is stopped.
   */
  run(): Promise<number>
  /** Ends the process because of an uncaught error, unless the error belongs to no spec. */
  uncaught(thrown: unknown): void
  /** Ends the process because Scythe's own code failed. */
  fail(error: unknown): Promise<never>
  /** Called when the working folder or the mask was set. */
  onSet(): void
}

/**
 * Interval in ms at which the event loop runs between specs, because functions that never wait
 * leave no time for messages.
 */
const TURN_MS = 50
const now = performance.now.bind(performance)

export function prepareRun(experiment: Experiment, order: Order, signal: AbortSignal, tools: RunnerTools): Running {
  const { batch, next, end } = order
  const { channel, status, readSpecs, folder, worker } = tools
  const outbox = join(folder, 'outbox')
  rmSync(outbox, { recursive: true, force: true })
  const tries = createAttempts(experiment, batch, {
    own: folder,
    outbox,
    stopped: tools.stopped,
    onPending: () => status.phase(Phase.ASYNC),
    owned: order.careful,
  })
  const tables = withExtra(experimentTables(experiment), batch.extra)
  const inputs = { columns: specColumns(tables), index: [] }
  const recorder = createRecorder(batch, tables)
  const outlet = createRowFlusher(recorder, channel, signal)
  const judge = createJudge(experiment, order, { ...tools, tries, outlet })
  const unlessStopped = stopper(signal)
  const { fetchFile } = channel
  const runSpec = createSpecRunner(experiment, order, {
    tries,
    recorder,
    status,
    fetchFile,
    judge: judge.outcome,
    unlessStopped,
    signal,
    worker,
  })

  async function leave(): Promise<void> {
    status.pausing()
    await judge.rows()
    await unlessStopped(outlet.flush())
  }

  /**
   * Reads the rows of a spec. Recorded rows are not sent first, because a batch usually spans two
   * row groups and would then have two parts.
   */
  function read(sortIndex: number): Promise<SpecRows> {
    status.pausing()
    return unlessStopped(readSpecs(batch, inputs, sortIndex))
  }

  async function run(): Promise<number> {
    const abort = () => tries.abort(signal.reason)
    signal.addEventListener('abort', abort)
    status.beExact(order.exact)
    // One timer serves all specs: it runs while a function waits. The pool watches functions that
    // never wait.
    const timer = setInterval(() => {
      if (tries.checkTime()) status.phase(Phase.TOLD)
      if (outlet.isDue && judge.isClean()) outlet.tryFlush()
    }, pollMs(experiment.executionTimeout))
    try {
      let rows = await read(next)
      const startedAt = now()
      let turnAt = startedAt
      for (let sortIndex = next; sortIndex < end; sortIndex++) {
        if (sortIndex >= rows.end) rows = await read(sortIndex)
        const pending = runSpec(rows, sortIndex)
        if (pending) await pending
        const ends = judge.recorded()
        if (ends) await ends
        if (outlet.isDue) await leave()
        if (now() - turnAt > TURN_MS) {
          status.pausing()
          await nextTurn()
          turnAt = now()
        }
        if (signal.aborted) throw signal.reason
      }
      const seconds = (now() - startedAt) / 1000
      await leave()
      status.idle()
      return seconds
    } catch (error) {
      // For other failures, the status keeps the spec that failed.
      if (signal.aborted) status.idle()
      throw error
    } finally {
      clearInterval(timer)
      signal.removeEventListener('abort', abort)
    }
  }

  return { run, uncaught: judge.uncaught, fail: judge.broken, onSet: judge.onSet }
}

/**
 * Returns a function that waits for a promise, but rejects with the signal's reason when the batch
 * is stopped.
 */
function stopper(signal: AbortSignal): <T>(wait: Promise<T>) => Promise<T> {
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  stopped.catch(() => {})
  return (wait) => Promise.race([wait, stopped])
}
