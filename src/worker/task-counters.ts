import { codeOf } from '../scatter/errors.js'
import type { Handlers, Task, TaskHost } from '../scatter/task.js'
import type { LogFields } from '../settings/log.js'

/** A fan of Python Scythe's runs counts as a fan. */
export type TaskKind = Exclude<keyof Handlers, 'pythonFan'>
/**
 * `stopped`: the run was cancelled, or the task was requeued. `forbidden`: the worker does not
 * serve its store or module.
 */
export type TaskOutcome = 'done' | 'failed' | 'stopped' | 'forbidden'

/** Counts the tasks of a worker that are in flight, and those that have ended. */
export interface TaskCounters {
  readonly inFlight: Readonly<Record<TaskKind, number>>
  readonly tasks: Readonly<Record<TaskKind, Readonly<Record<TaskOutcome, number>>>>
  /** Specs as their batches report them. A batch that runs again counts again. */
  readonly specs: { readonly results: number; readonly errors: number }
  /** Number of tasks in flight, of all kinds. */
  readonly busy: number
  /** Calls `listener` after every change of the tasks in flight. */
  onChange(listener: () => void): void
  /** Returns handlers that count their tasks. */
  count(handlers: Handlers): Handlers
}

/** The run and the batch of a task, for the log. */
type TaskFields = Pick<LogFields, 'run' | 'batch'>

/**
 * Creates counters. `onForbidden` is called with the error of each task that was refused to its
 * sender.
 */
export function createTaskCounters(onForbidden: (error: Error, task?: TaskFields) => void = () => {}): TaskCounters {
  const inFlight = { fan: 0, leaf: 0, single: 0 }
  const tasks = { fan: noOutcomes(), leaf: noOutcomes(), single: noOutcomes() }
  const specs = { results: 0, errors: 0 }
  let changed = () => {}

  async function counted<T>(kind: TaskKind, signal: AbortSignal, work: () => Promise<T>, task?: Task): Promise<T> {
    inFlight[kind] += 1
    changed()
    let outcome: TaskOutcome = 'done'
    try {
      return await work()
    } catch (error) {
      if (codeOf(error) === 'TASK_FORBIDDEN') {
        outcome = 'forbidden'
        onForbidden(error as Error, task && fieldsOf(task))
      } else outcome = signal.aborted ? 'stopped' : 'failed'
      throw error
    } finally {
      tasks[kind][outcome] += 1
      inFlight[kind] -= 1
      changed()
    }
  }

  /** A batch reports its totals every time. */
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
    count: ({ fan, pythonFan, leaf, single }) => ({
      fan: (task, host) => counted('fan', host.signal, () => fan(task, host), task),
      pythonFan: (input, host) => counted('fan', host.signal, () => pythonFan(input, host)),
      leaf: (task, host) => counted('leaf', host.signal, () => leaf(task, listening(host)), task),
      single: (experiment, input, host) =>
        counted('single', host.signal, async () => {
          try {
            const output = await single(experiment, input, host)
            specs.results += 1
            return output
          } catch (error) {
            if (!host.signal.aborted && codeOf(error) !== 'TASK_FORBIDDEN') specs.errors += 1
            throw error
          }
        }),
    }),
  }
}

function noOutcomes(): Record<TaskOutcome, number> {
  return { done: 0, failed: 0, stopped: 0, forbidden: 0 }
}

/** A task that was refused may have any content. */
function fieldsOf({ run, start, end }: Task): TaskFields {
  return { run: String(run), batch: `${start}-${end}` }
}
