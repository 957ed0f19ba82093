import {
  type Engine,
  EngineUnavailableError,
  missingLabels,
  type Progress,
  type RootHandle,
  type SubmitOptions,
  type TaskEnd,
  type TaskHandle,
} from 'scythe-engine'
import { openQueue } from './queue.js'
import { type FolderWorker, lostEnd, startWorker, type Tools } from './worker.js'

export interface FolderEngineOptions {
  /** How often a task may be requeued. Default 100. */
  readonly requeues?: number
}

/** Interval between two looks into the folder, in ms. */
const LOOK_MS = 10

/**
 * Creates an engine that keeps its tasks as JSON files in a folder, for workers of any process that
 * sees the folder. A worker that dies takes its tasks along: resume the run.
 */
export function createFolderEngine(folder: string, { requeues = 100 }: FolderEngineOptions = {}): Engine {
  const queue = openQueue(folder)
  const workers = new Set<FolderWorker>()
  const listeners = new Map<string, (progress: Progress) => void>()
  /** Conditions that this process waits for. */
  const waiting = new Set<() => boolean>()

  const looking = setInterval(() => {
    for (const isOver of waiting) if (isOver()) waiting.delete(isOver)
    for (const worker of workers) worker.look()
  }, LOOK_MS)

  function until<T>(look: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      waiting.add(() => {
        const found = look()
        if (found === undefined) return false
        resolve(found)
        return true
      })
    })
  }

  function handleOf(id: string): TaskHandle {
    const done = until<TaskEnd>(() => queue.end(id) ?? (queue.read(id) ? undefined : lostEnd(id)))
    return {
      done,
      started: () => until(() => !queue.isWaiting(id) || undefined).then(() => {}),
      cancel: async () => queue.cancel((task) => task.id === id || task.rootId === id || task.parentId === id),
    }
  }

  function follow(id: string, { onProgress }: SubmitOptions = {}): RootHandle {
    if (onProgress) listeners.set(id, onProgress)
    return { ...handleOf(id), id }
  }

  const tools: Tools = {
    queue,
    requeues,
    handleOf,
    report: (rootId, progress) => listeners.get(rootId)?.(progress),
  }

  return {
    name: 'folder',
    location: `on the workers of ${folder}`,
    abilities: {
      outlivesProcess: true,
      joins: true,
      specTasks: false,
      workflows: false,
      expires: false,
      requeues: true,
    },
    submit: async (task, options) => follow(queue.add(task).id, options),
    async find(id, run) {
      const stored = queue.read(id)
      if (stored?.task.run !== run) return undefined
      const join = (options?: SubmitOptions) => follow(id, options)
      const end = queue.end(id)
      if (!end) return { state: 'running', join }
      if (end.status === 'returned') return { state: 'done', join }
      if (end.status === 'cancelled') return { state: 'cancelled', join }
      return { state: 'failed', failure: end.error, join }
    },
    cancel: async (run) => queue.cancel(({ task }) => task.run === run),
    async runWorkflow({ name }) {
      throw new EngineUnavailableError('folder', `it does not run workflows such as ${name}.`)
    },
    async serve(tasks, options) {
      const worker = startWorker(tasks, options, tools)
      workers.add(worker)
      return {
        ...worker,
        async close(options) {
          await worker.close(options)
          workers.delete(worker)
        },
      }
    },
    async lacking({ labels }) {
      const missing = queue.workers().map((has) => missingLabels(labels, has))
      return missing.sort((a, b) => a.length - b.length)[0] ?? ['a worker', ...Object.keys(labels)]
    },
    prepare() {},
    checkReachable: async () => {},
    async close() {
      await Promise.all([...workers].map((worker) => worker.close({ drain: 0 })))
      clearInterval(looking)
    },
  }
}
