import type { HatchetClient, Worker } from '@hatchet-dev/typescript-sdk'
import { deferred } from '../../scatter/promises.js'
import { WorkerLostError } from '../errors.js'

/** Whether the engine counts a worker as one that works. */
export interface WorkerWatch {
  problems(): string[]
  /** Rejects with `WorkerLostError` where the engine is there, but has given the worker up. */
  readonly lost: Promise<never>
  stop(): void
}

const LOOK_MS = 3_000
/** The engine has to answer within this, in ms. */
const ANSWER_MS = 4_000
/** Work that the engine counts and the worker has not: for so long it may be on its way, in ms. */
const ON_ITS_WAY_MS = 10_000
/** Given up for so long, in ms, a worker does not come back by itself. */
const LOST_MS = 20_000

interface Seen {
  readonly away?: string
  readonly status?: string
  /** Tasks that the engine counts in the worker's hands beyond those that it has. */
  readonly surplus: number
}

/** A worker is told nothing when its stream breaks: heartbeats go on. So the engine is asked what it thinks of it. */
export function watchWorker(client: HatchetClient, worker: Worker): WorkerWatch {
  const lost = deferred<never>()
  lost.promise.catch(() => {})
  let seen: Seen = { surplus: 0 }
  let surplusSince: number | undefined
  let givenUpSince: number | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  async function look() {
    seen = await ask(client, worker)
    const now = Date.now()
    surplusSince = seen.surplus > 0 ? (surplusSince ?? now) : undefined
    // Whoever paused it will let it go on.
    const givenUp = seen.away === undefined && seen.status !== 'PAUSED' && problems().length > 0
    givenUpSince = givenUp ? (givenUpSince ?? now) : undefined
    if (givenUpSince !== undefined && now - givenUpSince >= LOST_MS) {
      lost.reject(new WorkerLostError(worker.name, problems()))
    }
    if (stopped) return
    timer = setTimeout(() => void look(), LOOK_MS)
    timer.unref()
  }

  function problems(): string[] {
    if (seen.away !== undefined) return [`the engine does not answer: ${seen.away}`]
    if (seen.status !== undefined && seen.status !== 'ACTIVE') {
      return [`the engine counts this worker as ${seen.status.toLowerCase()}`]
    }
    if (surplusSince !== undefined && Date.now() - surplusSince >= ON_ITS_WAY_MS) {
      return [`the engine counts ${seen.surplus} more tasks in this worker's hands than it has`]
    }
    return []
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

/** Tasks that a worker has in hand, of ours and of others' workflows. */
export function tasksOf(worker: Worker): number {
  return Object.keys(worker._internal.futures).length
}

async function ask(client: HatchetClient, worker: Worker): Promise<Seen> {
  try {
    const before = tasksOf(worker)
    const { status, slotConfig } = await within(ANSWER_MS, client.workers.get(worker._internal.workerId!))
    const counted = Object.values(slotConfig ?? {}).reduce(
      (sum, { limit = 0, available = limit }) => sum + limit - available,
      0,
    )
    return { ...(status ? { status } : {}), surplus: Math.max(0, counted - Math.max(before, tasksOf(worker))) }
  } catch (error) {
    return { away: (error as Error).message || String(error), surplus: 0 }
  }
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms)
    timer.unref()
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
