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

/** What a process has for all its batches. */
export interface RunnerTools {
  readonly channel: Channel
  readonly status: StatusWriter
  readonly shared: SharedState
  readonly readSpecs: SpecReader
  /** Milliseconds until now in which this process was stopped. */
  readonly stopped: (now: number) => number
  /** The process's own. */
  readonly folder: string
  /** The worker's name. */
  readonly worker: string
}

/** An order under way. */
export interface Running {
  /** Runs it, in order, and resolves with the seconds that it took. Throws the signal's reason when stopped. */
  run(): Promise<number>
  /** Ends the process for what nobody caught, unless it is nobody's here. */
  uncaught(thrown: unknown): void
  /** Ends the process for a failure of our own. */
  fail(error: unknown): Promise<never>
  /** Told when the working folder or the mask was set. */
  onSet(): void
}

/** Functions that never wait leave no time for messages: it is made this often. */
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

  /** Rows of the specs before stay: a batch most often lies in two stretches, and would have two parts. */
  function read(sortIndex: number): Promise<SpecRows> {
    status.pausing()
    return unlessStopped(readSpecs(batch, inputs, sortIndex))
  }

  async function run(): Promise<number> {
    const abort = () => tries.abort(signal.reason)
    signal.addEventListener('abort', abort)
    status.beExact(order.exact)
    // One timer for all specs: a function that waits lets it run, any other one is watched by the pool.
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
      // What failed is told of the spec that it failed with.
      if (signal.aborted) status.idle()
      throw error
    } finally {
      clearInterval(timer)
      signal.removeEventListener('abort', abort)
    }
  }

  return { run, uncaught: judge.uncaught, fail: judge.broken, onSet: judge.onSet }
}

/** Lets a wait end, with the signal's reason, when the batch is stopped. */
function stopper(signal: AbortSignal): <T>(wait: Promise<T>) => Promise<T> {
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  stopped.catch(() => {})
  return (wait) => Promise.race([wait, stopped])
}
