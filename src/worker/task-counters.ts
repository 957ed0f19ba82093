import { codeOf } from '../scatter/errors.js'
import type { Handlers, TaskHost } from '../scatter/task.js'

/** A fan is a fan, whoever allocated the run. */
export type TaskKind = Exclude<keyof Handlers, 'pythonFan'>
/** `stopped`: the run was cancelled, or the task handed back. `forbidden`: it asked for what this worker does for nobody. */
export type TaskOutcome = 'done' | 'failed' | 'stopped' | 'forbidden'

/** What a worker has in hand, and what it has done so far. */
export interface TaskCounters {
  readonly inFlight: Readonly<Record<TaskKind, number>>
  readonly tasks: Readonly<Record<TaskKind, Readonly<Record<TaskOutcome, number>>>>
  /** Specs as their batches report them. A batch that is run again counts again. */
  readonly specs: { readonly results: number; readonly errors: number }
  /** Tasks in hand, of all kinds. */
  readonly busy: number
  /** Calls `listener` after every change of what is in hand. */
  onChange(listener: () => void): void
  /** The same handlers, their tasks counted. */
  count(handlers: Handlers): Handlers
}

/** `onForbidden` hears of what was refused to whoever sent it. */
export function createTaskCounters(onForbidden: (error: Error) => void = () => {}): TaskCounters {
  const inFlight = { fan: 0, leaf: 0, single: 0 }
  const tasks = { fan: noOutcomes(), leaf: noOutcomes(), single: noOutcomes() }
  const specs = { results: 0, errors: 0 }
  let changed = () => {}

  async function counted<T>(kind: TaskKind, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    inFlight[kind] += 1
    changed()
    let outcome: TaskOutcome = 'done'
    try {
      return await work()
    } catch (error) {
      if (codeOf(error) === 'TASK_FORBIDDEN') {
        outcome = 'forbidden'
        onForbidden(error as Error)
      } else outcome = signal.aborted ? 'stopped' : 'failed'
      throw error
    } finally {
      tasks[kind][outcome] += 1
      inFlight[kind] -= 1
      changed()
    }
  }

  /** A batch reports all that it has done so far, every time. */
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
      fan: (task, host) => counted('fan', host.signal, () => fan(task, host)),
      pythonFan: (input, host) => counted('fan', host.signal, () => pythonFan(input, host)),
      leaf: (task, host) => counted('leaf', host.signal, () => leaf(task, listening(host))),
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
