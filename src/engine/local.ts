import { type Deferred, deferred } from '../async/promises.js'
import { missingLabels } from '../experiment/labels.js'
import { isRefusal } from '../scatter/errors.js'
import {
  nodeDefinition,
  type Progress,
  type Task,
  type TaskDefinition,
  type TaskEnd,
  type TaskHost,
} from '../scatter/task.js'
import { readTask } from '../scatter/task-check.js'
import type { Engine, RootHandle, WorkerHandle, WorkerOptions } from './engine.js'
import { EngineUnavailableError, RunCancelledError } from './errors.js'

interface LocalTask {
  readonly id: string
  readonly rootId: string
  readonly task: Task
  readonly abort: AbortController
  readonly started: Deferred<void>
  readonly done: Deferred<TaskEnd>
  readonly children: Set<LocalTask>
  onProgress(progress: Progress): void
}

interface LocalWorker {
  readonly tasks: readonly TaskDefinition[]
  readonly options: WorkerOptions
  busy: number
  closing: boolean
  readonly running: Set<Promise<void>>
  /** Runs whose leaf tasks the worker refused. */
  readonly refused: Set<string>
}

/**
 * Creates an engine in this process: a queue in memory, slots and labels. It persists nothing,
 * because the receipts in the store already make a run resumable. A fan holds no slot: waiting for
 * children must not prevent them from running.
 */
export function createLocalEngine(): Engine {
  const workers = new Set<LocalWorker>()
  const leaves: LocalTask[] = []
  const roots = new Set<LocalTask>()

  function enqueue(task: Task, parent: LocalTask | undefined, onProgress: (progress: Progress) => void): LocalTask {
    const id = crypto.randomUUID()
    const entry: LocalTask = {
      id,
      rootId: parent?.rootId ?? id,
      task,
      abort: new AbortController(),
      started: deferred(),
      done: deferred(),
      children: new Set(),
      onProgress,
    }
    parent?.children.add(entry)
    if (parent?.abort.signal.aborted) cancel(entry, parent.abort.signal.reason)
    else if (task.kind === 'leaf') {
      leaves.push(entry)
      feed()
    } else {
      const worker = [...workers].find((worker) => !worker.closing)
      if (worker) start(worker, entry)
      else settle(entry, 'failed', new EngineUnavailableError('local', 'it has no worker. Call serve() first.'))
    }
    return entry
  }

  function feed() {
    for (const worker of workers) {
      while (!worker.closing && worker.busy < worker.options.slots) {
        const next = leaves.findIndex(({ task }) => canTake(worker, task))
        if (next < 0) break
        start(worker, leaves.splice(next, 1)[0]!)
      }
    }
  }

  function start(worker: LocalWorker, entry: LocalTask) {
    const leaf = entry.task.kind === 'leaf'
    if (leaf) worker.busy += 1
    entry.started.resolve()
    const run = work(worker, entry).finally(() => {
      if (leaf) worker.busy -= 1
      worker.running.delete(run)
      feed()
    })
    worker.running.add(run)
  }

  async function work(worker: LocalWorker, entry: LocalTask): Promise<void> {
    try {
      const task = readTask(entry.task)
      const definition = nodeDefinition(worker.tasks, task.kind)
      if (!definition) throw new EngineUnavailableError('local', `no worker serves tasks of the kind ${task.kind}.`)
      entry.done.resolve({
        id: entry.id,
        status: 'returned',
        value: await definition.run(task, hostFor(worker, entry)),
      })
    } catch (error) {
      const { aborted } = entry.abort.signal
      if (isRefusal(error) && entry.task.kind === 'leaf' && !aborted && refuse(worker, entry)) return
      settle(entry, aborted ? 'cancelled' : 'failed', aborted ? entry.abort.signal.reason : error)
      // The children of a failed fan are stopped, and none of them counts as lost.
      entry.abort.abort(error)
      await stopChildren(entry, error)
    }
  }

  function settle({ id, done }: LocalTask, status: 'failed' | 'cancelled', cause: unknown) {
    done.resolve({ id, status, error: cause instanceof Error ? cause : new Error(String(cause)) })
  }

  /**
   * Passes a leaf task to another worker. Returns `false` if every worker has refused the run,
   * because no other worker will come; the task then fails, and may be spawned again.
   */
  function refuse(worker: LocalWorker, entry: LocalTask): boolean {
    const { run } = entry.task
    worker.refused.add(run)
    if ([...workers].some((other) => canTake(other, entry.task))) {
      leaves.unshift(entry)
      return true
    }
    for (const other of workers) other.refused.delete(run)
    return false
  }

  function canTake({ closing, refused, options }: LocalWorker, { run, labels }: Task): boolean {
    return !closing && !refused.has(run) && missingLabels(labels, options.labels).length === 0
  }

  function hostFor(worker: LocalWorker, entry: LocalTask): TaskHost {
    return {
      id: entry.id,
      rootId: entry.rootId,
      worker: worker.options.name,
      signal: entry.abort.signal,
      // A few more than the slots, so that no slot idles until the fan reacts.
      window: worker.options.slots * 2 + 2,
      spawn(task) {
        if (task.kind === 'single')
          throw new EngineUnavailableError('local', `${task.experiment} is remote, which needs Hatchet.`)
        const child = enqueue(task, entry, entry.onProgress)
        void child.done.promise.then(() => entry.children.delete(child))
        return handleOf(child)
      },
      report: (progress) => entry.onProgress(progress),
    }
  }

  function cancel(entry: LocalTask, reason: unknown) {
    const queued = leaves.indexOf(entry)
    if (queued >= 0) leaves.splice(queued, 1)
    entry.abort.abort(reason)
    if (queued >= 0) settle(entry, 'cancelled', reason)
  }

  async function stopChildren(entry: LocalTask, reason: unknown): Promise<void> {
    await Promise.all(
      [...entry.children].map(async (child) => {
        cancel(child, reason)
        await stopChildren(child, reason)
        await child.done.promise
      }),
    )
  }

  async function stop(entry: LocalTask) {
    const reason = new RunCancelledError(entry.task.run)
    cancel(entry, reason)
    await stopChildren(entry, reason)
    await entry.done.promise
  }

  function handleOf(entry: LocalTask): RootHandle {
    return { id: entry.id, started: () => entry.started.promise, done: entry.done.promise, cancel: () => stop(entry) }
  }

  return {
    name: 'local',
    location: 'in this process',
    abilities: {
      outlivesProcess: false,
      joins: false,
      specTasks: false,
      workflows: false,
      expires: false,
      requeues: false,
    },
    checkReachable: async () => {},
    async lacking({ labels }) {
      const missing = [...workers].map((worker) => missingLabels(labels, worker.options.labels))
      return missing.sort((a, b) => a.length - b.length)[0] ?? Object.keys(labels)
    },
    prepare() {},
    async submit(task, options) {
      const root = enqueue(task, undefined, options?.onProgress ?? (() => {}))
      roots.add(root)
      void root.done.promise.then(() => {
        roots.delete(root)
        for (const { refused } of workers) refused.delete(task.run)
      })
      return handleOf(root)
    },
    find: async () => undefined,
    async runWorkflow({ name }) {
      throw new EngineUnavailableError('local', `${name} is a workflow, which needs Hatchet.`)
    },
    async cancel(run) {
      await Promise.all([...roots].filter(({ task }) => task.run === run).map(stop))
    },
    async serve(tasks, options): Promise<WorkerHandle> {
      const worker: LocalWorker = { tasks, options, busy: 0, closing: false, running: new Set(), refused: new Set() }
      workers.add(worker)
      feed()
      return {
        lost: new Promise(() => {}),
        busy: () => worker.running.size,
        problems: async () => [],
        async close() {
          worker.closing = true
          await Promise.all(worker.running)
          workers.delete(worker)
        },
      }
    },
    async close() {
      await Promise.all([...roots].map(stop))
      workers.clear()
    },
  }
}
