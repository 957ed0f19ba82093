import { setTimeout as sleep } from 'node:timers/promises'
import {
  EngineUnavailableError,
  isRefusal,
  missingLabels,
  nodeDefinition,
  type Progress,
  RunCancelledError,
  readTask,
  type TaskDefinition,
  type TaskEnd,
  TaskFailedError,
  type TaskHandle,
  type TaskHost,
  type WorkerHandle,
  type WorkerOptions,
} from 'scythe-engine'
import type { Queue, StoredTask } from './queue.js'

/** What a worker needs of its engine. */
export interface Tools {
  readonly queue: Queue
  /** How often a task may be requeued. */
  readonly requeues: number
  handleOf(id: string): TaskHandle
  report(rootId: string, progress: Progress): void
}

export interface FolderWorker extends WorkerHandle {
  /** Takes tasks for which there are slots, and stops those that were cancelled. */
  look(): void
}

class Requeued extends Error {}

export function startWorker(tasks: readonly TaskDefinition[], options: WorkerOptions, tools: Tools): FolderWorker {
  const { queue, requeues } = tools
  const name = `${options.name} ${crypto.randomUUID()}`
  const running = new Map<string, { readonly stored: StoredTask; readonly abort: AbortController }>()
  /** Runs whose leaves this worker refused. */
  const refused = new Set<string>()
  let isClosing = false
  queue.setWorker(name, options.labels)

  function canTake({ kind, labels, run }: StoredTask['task']): boolean {
    if (!nodeDefinition(tasks, kind)) return false
    if (kind === 'fan') return options.durableSlots !== 0
    const leaves = [...running.values()].filter(({ stored }) => stored.task.kind === 'leaf')
    return leaves.length < options.slots && !refused.has(run) && missingLabels(labels, options.labels).length === 0
  }

  async function work(stored: StoredTask): Promise<void> {
    const { id } = stored
    const abort = new AbortController()
    running.set(id, { stored, abort })
    try {
      const stopped = new Promise<never>((_, reject) => {
        abort.signal.addEventListener('abort', () => reject(abort.signal.reason))
      })
      const end = await Promise.race([run(stored, abort.signal), stopped])
      queue.finish({ id, status: 'returned', value: end })
    } catch (error) {
      fail(stored, abort.signal.aborted ? abort.signal.reason : error)
    } finally {
      running.delete(id)
    }
  }

  async function run(stored: StoredTask, signal: AbortSignal): Promise<unknown> {
    const task = readTask(stored.task)
    return nodeDefinition(tasks, task.kind)!.run(task, hostOf(stored, signal))
  }

  function fail(stored: StoredTask, cause: unknown): void {
    const { id, task } = stored
    const error = cause instanceof Error ? cause : new Error(String(cause))
    const finish = (status: Exclude<TaskEnd['status'], 'returned'>) => queue.finish({ id, status, error })
    if (cause instanceof Requeued) {
      if (stored.requeues < requeues) queue.giveBack({ ...stored, requeues: stored.requeues + 1 })
      else finish('requeued')
    } else if (task.kind === 'leaf' && isRefusal(error)) {
      refused.add(task.run)
      queue.giveBack(stored)
    } else {
      finish(cause instanceof RunCancelledError ? 'cancelled' : 'failed')
      queue.cancel((other) => isBelow(other, id))
    }
  }

  function isBelow({ parentId }: StoredTask, id: string): boolean {
    if (parentId === null || parentId === id) return parentId === id
    const parent = queue.read(parentId)
    return parent !== undefined && isBelow(parent, id)
  }

  function hostOf(stored: StoredTask, signal: AbortSignal): TaskHost {
    return {
      id: stored.id,
      rootId: stored.rootId,
      worker: options.name,
      signal,
      window: options.slots * 2 + 2,
      spawn(task, key) {
        if (task.kind === 'single') throw new EngineUnavailableError('folder', 'it has no tasks of single specs.')
        signal.throwIfAborted()
        return tools.handleOf(queue.add(task, stored, key).id)
      },
      report: (progress) => tools.report(stored.rootId, progress),
    }
  }

  return {
    lost: new Promise(() => {}),
    busy: () => running.size,
    problems: async () => [],
    look() {
      for (const { stored, abort } of running.values()) {
        if (queue.isCancelled(stored.id)) abort.abort(new RunCancelledError(stored.task.run))
      }
      if (isClosing) return
      for (const stored of queue.waiting()) {
        if (canTake(stored.task) && queue.claim(stored.id)) void work(stored)
      }
    },
    async close({ drain = Number.POSITIVE_INFINITY } = {}) {
      isClosing = true
      queue.setWorker(name, undefined)
      const deadline = performance.now() + drain
      while (running.size > 0 && performance.now() < deadline) await sleep(5)
      for (const { abort } of running.values()) abort.abort(new Requeued('The worker stops.'))
      while (running.size > 0) await sleep(5)
    },
  }
}

/** The end of a task whose file is gone. */
export function lostEnd(id: string): TaskEnd {
  return { id, status: 'lost', error: new TaskFailedError('TASK_UNKNOWN', `The folder has no task ${id}.`) }
}
