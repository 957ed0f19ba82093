import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient, Worker } from '@hatchet-dev/typescript-sdk'
import { deferred, withTimeout } from '../../../async/promises.js'
import type { WorkerHandle, WorkerOptions } from '../../engine.js'
import { answered, type EngineCall } from '../client/requests.js'
import { workerId } from '../internals.js'
import type { AnyWorkflow } from '../tasks.js'
import { retryTaskEvents } from './event-delivery.js'
import { createRequeue } from './lost-assignments.js'
import type { Running } from './task-lifecycle.js'
import { tasksOf, watchWorker } from './watch.js'

/** Time for which the engine may continue to send tasks after a worker was paused, in ms. */
const PAUSE_MS = 2_500
/** Time limit for requeue events to reach the engine, in ms. */
const REQUEUE_MS = 3_000
/** Time limit for requeue events if the engine is unavailable, in ms. */
const GONE_MS = 300
const READY_MS = 30_000
/** Default number of concurrent fans of a worker. */
export const DURABLE_SLOTS = 1000
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const

export interface HatchetWorkerOptions {
  readonly workflows: AnyWorkflow[]
  /** Tasks in flight. Those that remain after the drain are requeued. */
  readonly inFlight: ReadonlySet<Running>
  readonly call: EngineCall
  /** Whether an unavailable engine may become available again. */
  readonly comesBack: boolean
}

/** Starts an SDK worker for these workflows, and watches it. */
export async function startHatchetWorker(
  client: HatchetClient,
  { name, slots, durableSlots = DURABLE_SLOTS, labels }: WorkerOptions,
  { workflows, inFlight, call, comesBack }: HatchetWorkerOptions,
): Promise<WorkerHandle> {
  const begun = retryTaskEvents(client)
  const worker = await call(() =>
    withoutSignalListeners(() =>
      client.worker(name, {
        ...(slots > 0 ? { slots } : {}),
        ...(durableSlots > 0 ? { durableSlots } : {}),
        labels: { ...labels },
        handleKill: false,
        workflows,
      }),
    ),
  )
  const failed = deferred<never>()
  failed.promise.catch(() => {})
  void call(() => worker.start()).catch(failed.reject)
  try {
    await Promise.race([call(() => counted(client, worker)), failed.promise])
  } catch (error) {
    await withTimeout(GONE_MS, worker.stop(), () => {}).catch(() => {})
    throw error
  }
  const watch = watchWorker(client, worker, comesBack, createRequeue(client, worker, workflows, begun))
  let closing: Promise<void> | undefined

  async function close(drain: number | undefined) {
    watch.stop()
    const heard = await answered<unknown>(worker.pause()).then(
      () => true,
      () => false,
    )
    // An unavailable engine sends no more tasks and receives no events: receipts record the
    // finished work.
    const longestDrain = drain ?? Number.POSITIVE_INFINITY
    if (heard) {
      await sleep(PAUSE_MS)
      await allReported(worker, longestDrain - PAUSE_MS)
    } else await until(() => inFlight.size === 0, longestDrain)
    for (const task of inFlight) task.requeue()
    const longest = heard ? REQUEUE_MS : GONE_MS
    await allReported(worker, longest)
    await withTimeout(longest, worker.stop(), () => {})
  }

  const lost = Promise.race([failed.promise, watch.lost])
  lost.catch(() => {})
  return {
    lost,
    busy: () => tasksOf(worker),
    problems: async () => watch.problems(),
    close(options) {
      closing ??= close(options?.drain)
      return closing
    },
  }
}

/**
 * Resolves when the engine is ready to send the worker tasks: the worker has an id before it has a
 * stream.
 */
async function counted(client: HatchetClient, worker: Worker): Promise<void> {
  await worker.waitUntilReady(READY_MS)
  const deadline = Date.now() + READY_MS
  while ((await answered(client.workers.get(workerId(worker)), READY_MS)).status !== 'ACTIVE') {
    if (Date.now() > deadline) throw new Error(`it has not taken the worker in within ${READY_MS / 1000} s`)
    await sleep(50)
  }
}

/**
 * Waits until the SDK has reported the end of each of its tasks to the engine, for at most `ms`.
 */
function allReported(worker: Worker, ms: number): Promise<void> {
  return until(() => tasksOf(worker) === 0, ms)
}

async function until(isSo: () => boolean, ms: number): Promise<void> {
  const deadline = performance.now() + ms
  while (!isSo() && performance.now() < deadline) await sleep(10)
}

/**
 * Calls `make` and removes the signal listeners that the SDK adds, which exit without waiting for
 * tasks in flight. The worker itself decides when to exit.
 */
function withoutSignalListeners<T>(make: () => T): T {
  const before = STOP_SIGNALS.map((signal) => new Set(process.listeners(signal)))
  const made = make()
  for (const [index, signal] of STOP_SIGNALS.entries()) {
    for (const listener of process.listeners(signal)) {
      if (!before[index]!.has(listener)) process.off(signal, listener)
    }
  }
  return made
}
