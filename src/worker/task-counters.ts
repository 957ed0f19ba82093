import { codeOf } from '../error-codes.js'
import type { Task, TaskDefinition, TaskHost, TaskKind } from '../scatter/task.js'
import type { LogFields } from '../settings/log.js'

/**
 * The outcome of a task. `stopped`: the run was cancelled, or the task was requeued. `forbidden`:
 * the task requested something that this worker does for no sender.
 */
export type TaskOutcome = 'done' | 'failed' | 'stopped' | 'forbidden'

/** Counts the tasks that a worker has in flight, and the tasks that have ended. */
export interface TaskCounters {
  readonly inFlight: Readonly<Record<TaskKind, number>>
  readonly tasks: Readonly<Record<TaskKind, Readonly<Record<TaskOutcome, number>>>>
  /** Numbers of specs, as reported by their batches. A batch that runs again counts again. */
  readonly specs: { readonly results: number; readonly errors: number }
  /** Number of tasks in flight, of all kinds. */
  readonly busy: number
  /** Calls `listener` after every change of the tasks in flight. */
  onChange(listener: () => void): void
  /** Returns definitions whose tasks are counted by their kind. */
  count(tasks: readonly TaskDefinition[]): TaskDefinition[]
}

/** The run and the batch of a task, for the log. */
type TaskFields = Pick<LogFields, 'run' | 'batch'>

/**
 * Creates counters. `onForbidden` is called with the error of each task that was refused because
 * its sender may not request it.
 */
export function createTaskCounters(onForbidden: (error: Error, task?: TaskFields) => void = () => {}): TaskCounters {
  const inFlight = { fan: 0, leaf: 0, single: 0 }
  const tasks = { fan: noOutcomes(), leaf: noOutcomes(), single: noOutcomes() }
  const specs = { results: 0, errors: 0 }
  let changed = () => {}

  async function counted<T>(
    kind: TaskKind,
    host: TaskHost,
    work: (host: TaskHost) => Promise<T>,
    task?: Task,
  ): Promise<T> {
    inFlight[kind] += 1
    changed()
    let outcome: TaskOutcome = 'done'
    try {
      return await work(kind === 'leaf' ? listening(host) : host)
    } catch (error) {
      if (codeOf(error) === 'TASK_FORBIDDEN') {
        outcome = 'forbidden'
        onForbidden(error as Error, task && fieldsOf(task))
      } else outcome = host.signal.aborted ? 'stopped' : 'failed'
      throw error
    } finally {
      if (kind === 'single' && outcome === 'done') specs.results += 1
      if (kind === 'single' && outcome === 'failed') specs.errors += 1
      tasks[kind][outcome] += 1
      inFlight[kind] -= 1
      changed()
    }
  }

  /** Returns a host that counts specs. Each report of a batch contains its total so far. */
  function listening(host: TaskHost): TaskHost {
    let before = { results: 0, errors: 0 }
    return {
      ...host,
      report(progress) {
        const now = { results: progress.done - progress.errors, errors: progress.errors }
        specs.results += Math.max(0, now.results - before.results)
        specs.errors += Math.max(0, now.errors - before.errors)
        before = now
        host.report(progress)
      },
    }
  }

  return {
    inFlight,
    tasks,
    specs,
    get busy() {
      return inFlight.fan + inFlight.leaf + inFlight.single
    },
    onChange(listener) {
      changed = listener
    },
    count: (definitions) =>
      definitions.map((task) => {
        const { kind } = task
        if (task.takes === 'node') {
          return {
            ...task,
            run: (node: Task, host: TaskHost) => counted(kind, host, (host) => task.run(node, host), node),
          }
        }
        return {
          ...task,
          run: (input: unknown, host: TaskHost) => counted(kind, host, (host) => task.run(input, host)),
        }
      }),
  }
}

function noOutcomes(): Record<TaskOutcome, number> {
  return { done: 0, failed: 0, stopped: 0, forbidden: 0 }
}

/** Returns the log fields of a task. A refused task may have any content. */
function fieldsOf({ run, start, end }: Task): TaskFields {
  return { run: String(run), batch: `${start}-${end}` }
}
