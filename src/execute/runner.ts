import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Experiment } from '../experiment/experiment.js'
import { experimentTables } from '../experiment/tables.js'
import type { Channel } from './channel.js'
import { createOutlet } from './outlet.js'
import type { Order } from './protocol.js'
import { createRecorder } from './recorder.js'
import type { SpecReader } from './spec-rows.js'
import { createSpecRunner } from './spec-runner.js'
import type { StatusWriter } from './status-file.js'
import { pollMs } from './time-limit.js'
import { createTries } from './tries.js'

/** What a process has for all its batches. */
export interface RunnerTools {
  readonly channel: Channel
  readonly status: StatusWriter
  readonly readSpecs: SpecReader
  /** The process's own. */
  readonly folder: string
  /** The worker's name. */
  readonly worker: string
}

/** Functions that never wait leave no time for messages: it is made this often. */
const TURN_MS = 50

/** Runs the specs from `next` to the batch's end, in order, and gives the seconds it took. Throws the signal's reason when stopped. */
export async function runSpecs(
  experiment: Experiment,
  order: Order,
  signal: AbortSignal,
  tools: RunnerTools,
): Promise<number> {
  const { batch, next } = order
  const { channel, status, readSpecs, folder, worker } = tools
  const outbox = join(folder, 'outbox')
  rmSync(outbox, { recursive: true, force: true })
  const tries = createTries(experiment, batch, { own: folder, outbox })
  const tables = experimentTables(experiment)
  const inputs = { columns: tables.specs.columns.filter(({ name }) => name in experiment.input.shape), index: [] }
  const recorder = createRecorder(batch, tables)
  const outlet = createOutlet(recorder, channel)
  const unlessStopped = stopper(signal)
  const { fetchFile } = channel
  const leave = () => {
    status.pausing()
    return unlessStopped(outlet.leave())
  }
  const runSpec = createSpecRunner(experiment, order, {
    tries,
    recorder,
    status,
    fetchFile,
    leave,
    unlessStopped,
    signal,
    worker,
  })

  const abort = () => tries.abort(signal.reason)
  signal.addEventListener('abort', abort)
  // One timer for all specs: a function that waits lets it run, any other one is watched by the pool.
  const timer = setInterval(() => {
    if (tries.checkTime() || outlet.isDue) outlet.offer()
  }, pollMs(experiment.executionTimeout))
  try {
    let rows = await unlessStopped(readSpecs(batch, inputs, next))
    const startedAt = performance.now()
    let turnAt = startedAt
    for (let sortIndex = next; sortIndex < batch.end; sortIndex++) {
      if (sortIndex >= rows.end) {
        status.pausing()
        rows = await unlessStopped(readSpecs(batch, inputs, sortIndex))
      }
      await runSpec(rows, sortIndex)
      if (outlet.isDue) await leave()
      if (performance.now() - turnAt > TURN_MS) {
        await nextTurn()
        turnAt = performance.now()
      }
      signal.throwIfAborted()
    }
    const seconds = (performance.now() - startedAt) / 1000
    await leave()
    return seconds
  } finally {
    clearInterval(timer)
    signal.removeEventListener('abort', abort)
    status.idle()
  }
}

/** Lets a wait end, with the signal's reason, when the batch is stopped. */
function stopper(signal: AbortSignal): <T>(wait: Promise<T>) => Promise<T> {
  const stopped = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  stopped.catch(() => {})
  return (wait) => Promise.race([wait, stopped])
}
