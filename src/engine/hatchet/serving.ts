import { setTimeout as sleep } from 'node:timers/promises'
import type { BaseWorkflowDeclaration, HatchetClient, Worker } from '@hatchet-dev/typescript-sdk'
import { deferred } from '../../scatter/promises.js'
import type { Serving, WorkerOptions } from '../engine.js'
import { EngineUnavailableError } from '../errors.js'
import { reportUntilHeard } from './reports.js'
import type { Running } from './running.js'
import { tasksOf, watchWorker } from './watch.js'

// biome-ignore lint/suspicious/noExplicitAny: workflows of any input and output
export type AnyWorkflow = BaseWorkflowDeclaration<any, any>

/** The engine goes on sending work for up to so long after a worker was paused, in ms. */
const PAUSE_MS = 2_500
/** How long the words that hand work back may take to reach the engine, in ms. */
const HAND_BACK_MS = 3_000
/** The same where the engine is away. */
const GONE_MS = 300
const ANSWER_MS = 4_000
const READY_MS = 30_000
const DURABLE_SLOTS = 1000
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Starts a worker of the SDK's for these workflows, and minds it. */
export async function startServing(
  client: HatchetClient,
  { name, slots, durableSlots = DURABLE_SLOTS, labels }: WorkerOptions,
  workflows: AnyWorkflow[],
  inHand: ReadonlySet<Running>,
): Promise<Serving> {
  reportUntilHeard(client)
  const making = withoutSignalListeners(() =>
    client.worker(name, {
      ...(slots > 0 ? { slots } : {}),
      ...(durableSlots > 0 ? { durableSlots } : {}),
      labels: { ...labels },
      handleKill: false,
      workflows,
    }),
  )
  const unavailable = (error: unknown) =>
    new EngineUnavailableError('hatchet', `${client.config.host_port} does not answer: ${(error as Error).message}`, {
      cause: error,
    })
  const worker = await making.catch((error) => {
    throw unavailable(error)
  })
  const failed = deferred<never>()
  failed.promise.catch(() => {})
  void worker.start().catch((error) => failed.reject(unavailable(error)))
  await Promise.race([worker.waitUntilReady(READY_MS), failed.promise])
  const active = counted(client, worker).catch((error) => {
    throw unavailable(error)
  })
  await Promise.race([active, failed.promise])
  const watch = watchWorker(client, worker)
  let closing: Promise<void> | undefined

  async function close(drain: number | undefined) {
    watch.stop()
    const heard = await isHeard(worker.pause())
    // An engine that is away sends nothing more, and is told nothing: receipts say what was done.
    const idle = heard ? sleep(PAUSE_MS).then(() => allReported(worker)) : until(() => inHand.size === 0)
    await (drain === undefined ? idle : Promise.race([idle, sleep(Math.max(drain, heard ? PAUSE_MS : 0))]))
    for (const task of inHand) task.handBack()
    const longest = heard ? HAND_BACK_MS : GONE_MS
    await Promise.race([allReported(worker), sleep(longest)])
    await Promise.race([worker.stop(), sleep(longest)])
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

/** The worker has an id before it has a stream; the engine sends it work from then on. */
async function counted(client: HatchetClient, worker: Worker): Promise<void> {
  const until = Date.now() + READY_MS
  while (Date.now() < until) {
    if ((await client.workers.get(worker._internal.workerId!)).status === 'ACTIVE') return
    await sleep(50)
  }
}

/** The SDK has told the engine how each task ended that it was given. */
function allReported(worker: Worker): Promise<void> {
  return until(() => tasksOf(worker) === 0)
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(10)
}

/** Whether the engine answers, and in good time. */
function isHeard(request: Promise<unknown>): Promise<boolean> {
  const answered = request.then(
    () => true,
    () => false,
  )
  return Promise.race([answered, sleep(ANSWER_MS, false)])
}

/** The SDK leaves at a signal without waiting for what runs. When to leave is the worker's own affair. */
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
