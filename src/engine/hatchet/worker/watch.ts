import type { HatchetClient, Worker } from '@hatchet-dev/typescript-sdk'
import { deferred } from '../../../async/promises.js'
import { WorkerLostError } from '../../errors.js'
import { answered } from '../client/requests.js'
import { resetStreamAttempts, taskKeys, workerId } from '../internals.js'
import { createLiveness, type Observation } from './liveness.js'

/** Watches whether the engine considers a worker active. */
export interface WorkerWatch {
  problems(): string[]
  /** Rejects with `WorkerLostError` if the engine has given up the worker, or is gone for good. */
  readonly lost: Promise<never>
  stop(): void
}

const LOOK_MS = 3_000
const NOT_KNOWN = [401, 403, 404]

/**
 * Watches a worker by polling the engine for its status, because a worker is not notified when its
 * stream breaks: its heartbeats continue. `comesBack`: whether an unavailable engine may become
 * available again. `handBack`: requeues the tasks that the engine sent and that never arrived.
 */
export function watchWorker(
  client: HatchetClient,
  worker: Worker,
  comesBack: boolean,
  handBack: () => Promise<void>,
): WorkerWatch {
  const lost = deferred<never>()
  lost.promise.catch(() => {})
  const standing = createLiveness(comesBack)
  const problems = () => standing.problems(Date.now())
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  async function look() {
    standing.observe(await ask(client, worker), Date.now())
    if (problems().length > 0) resetStreamAttempts(worker)
    // A failed attempt is repeated until the worker is lost.
    if (standing.missesWork(Date.now())) await handBack().catch(() => {})
    if (standing.lost(Date.now())) lost.reject(new WorkerLostError(worker.name, problems()))
    if (stopped) return
    timer = setTimeout(() => void look(), LOOK_MS)
    timer.unref()
  }

  void look()
  return {
    problems,
    lost: lost.promise,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** Returns the number of a worker's tasks in flight, including those of included workflows. */
export function tasksOf(worker: Worker): number {
  return taskKeys(worker).length
}

async function ask(client: HatchetClient, worker: Worker): Promise<Observation> {
  try {
    const before = inFlight(taskKeys(worker))
    const { status, slotConfig = {} } = await answered(client.workers.get(workerId(worker)))
    const after = inFlight(taskKeys(worker))
    const surplus = (['default', 'durable'] as const).map((kind) => {
      const { limit = 0, available = limit } = slotConfig[kind] ?? {}
      return Math.max(0, limit - available - Math.max(before[kind], after[kind]))
    })
    return { ...(status ? { status } : {}), surplus: surplus[0]! + surplus[1]! }
  } catch (error) {
    const { message, response } = error as Error & { response?: { status?: number } }
    if (NOT_KNOWN.includes(response?.status ?? 0)) return { status: 'UNKNOWN', surplus: 0 }
    return { away: message || String(error), surplus: 0 }
  }
}

/**
 * Counts the tasks in flight by the kind of slot that they use, from the SDK's keys:
 * `<id>/<attempt>`, and `<id>/<attempt>/<invocation>` for a durable task. A task that was assigned
 * to this worker again while it was still in flight counts once, as it does on the engine.
 */
export function inFlight(keys: readonly string[]): { readonly default: number; readonly durable: number } {
  const ids = { default: new Set<string>(), durable: new Set<string>() }
  for (const key of keys) {
    const [id, , invocation] = key.split('/')
    ids[invocation === undefined ? 'default' : 'durable'].add(id!)
  }
  return { default: ids.default.size, durable: ids.durable.size }
}
