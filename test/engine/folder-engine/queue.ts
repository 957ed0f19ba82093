import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Task, type TaskEnd, TaskFailedError, type WorkerLabels } from 'scythe-engine'

/** A task as the folder keeps it. */
export interface StoredTask {
  readonly id: string
  readonly rootId: string
  readonly parentId: string | null
  readonly task: Task
  readonly requeues: number
}

/** Tasks in a folder: what they are, which of them wait, and how they ended. Each is a file of JSON. */
export interface Queue {
  /** Adds a task, unless the folder has it. Without a parent it is a root. */
  add(task: Task, parent?: StoredTask, key?: string): StoredTask
  read(id: string): StoredTask | undefined
  waiting(): StoredTask[]
  isWaiting(id: string): boolean
  /** Takes a task out of the queue. Returns `false` if another worker was faster. */
  claim(id: string): boolean
  /** Puts a claimed task back. */
  giveBack(task: StoredTask): void
  end(id: string): TaskEnd | undefined
  /** Writes how a task ended, unless that is written. */
  finish(end: TaskEnd): void
  /** Stops tasks: those that wait end, and `isCancelled` tells the workers of those that run. */
  cancel(isStopped: (task: StoredTask) => boolean): void
  isCancelled(id: string): boolean
  setWorker(name: string, labels: WorkerLabels | undefined): void
  workers(): WorkerLabels[]
}

const FOLDERS = ['tasks', 'queue', 'claimed', 'ends', 'cancelled', 'workers'] as const

export function openQueue(folder: string): Queue {
  for (const name of FOLDERS) mkdirSync(join(folder, name), { recursive: true })
  const place = (name: (typeof FOLDERS)[number], id: string) => join(folder, name, encodeURIComponent(id))
  const list = (name: (typeof FOLDERS)[number]) =>
    readdirSync(join(folder, name))
      .filter((file) => !file.endsWith('.new'))
      .map(decodeURIComponent)

  function write(path: string, value: unknown): void {
    const unfinished = `${path}.${randomUUID()}.new`
    writeFileSync(unfinished, JSON.stringify(value))
    renameSync(unfinished, path)
  }

  function read<T>(path: string): T | undefined {
    try {
      return JSON.parse(readFileSync(path, 'utf8'))
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ENOENT') return undefined
      throw error
    }
  }

  function move(from: string, to: string): boolean {
    try {
      renameSync(from, to)
      return true
    } catch {
      return false
    }
  }

  const queue: Queue = {
    add(task, parent, key = '') {
      // The key makes a child the same task whenever its fan runs again.
      const id = parent ? createHash('sha256').update(`${parent.id} ${key}`).digest('hex').slice(0, 32) : randomUUID()
      const known = queue.read(id)
      if (known) return known
      const stored = { id, rootId: parent?.rootId ?? id, parentId: parent?.id ?? null, task, requeues: 0 }
      write(place('tasks', id), stored)
      write(place('queue', id), null)
      return stored
    },
    read: (id) => read<StoredTask>(place('tasks', id)),
    waiting: () => list('queue').flatMap((id) => queue.read(id) ?? []),
    isWaiting: (id) => existsSync(place('queue', id)),
    claim: (id) => move(place('queue', id), place('claimed', id)),
    giveBack(task) {
      write(place('tasks', task.id), task)
      move(place('claimed', task.id), place('queue', task.id))
    },
    end(id) {
      const end = read<TaskEnd & { readonly error: { code: string; message: string } }>(place('ends', id))
      if (end === undefined || end.status === 'returned') return end
      return { ...end, error: new TaskFailedError(end.error.code, end.error.message) }
    },
    finish(end) {
      if (existsSync(place('ends', end.id))) return
      if (end.status === 'returned') return write(place('ends', end.id), { ...end, value: end.value ?? null })
      const { code = 'UNEXPECTED', message } = end.error as Error & { code?: string }
      write(place('ends', end.id), { ...end, error: { code, message } })
    },
    cancel(isStopped) {
      for (const id of list('tasks')) {
        const task = queue.read(id)
        if (!task || queue.end(id) || !isStopped(task)) continue
        write(place('cancelled', id), null)
        if (!queue.claim(id)) continue
        queue.finish({ id, status: 'cancelled', error: new TaskFailedError('CANCELLED', 'The task was stopped.') })
      }
    },
    isCancelled: (id) => existsSync(place('cancelled', id)),
    setWorker(name, labels) {
      if (labels) write(place('workers', name), labels)
      else rmSync(place('workers', name), { force: true })
    },
    workers() {
      const labels = list('workers').map((name) => read<WorkerLabels>(place('workers', name)))
      return labels.filter((one) => one !== undefined)
    },
  }
  return queue
}
