import type { Progress } from '../scatter/task.js'
import type { Counts } from './count-receipts.js'

/**
 * The progress of a run: its specs, how many of them are done, and how many of those are errors.
 */
export interface RunProgress {
  readonly specs: number
  readonly done: number
  readonly errors: number
  /**
   * The reasons why the run waits: labels that no connected worker has, other requirements in
   * words, or the store, with its answer. Absent if the run waits for nothing.
   */
  readonly waitingFor?: readonly string[]
}

/** Combines the reports on a run's progress, and passes on what is new. */
export interface ProgressTeller {
  readonly now: RunProgress
  /** Takes the progress of a batch that runs in this process. */
  reported(progress: Progress): void
  /** Takes the counts of the specs that have a receipt. */
  counted(counts: Counts): void
  /**
   * Takes the requirements that no connected worker meets, while there is no progress. Progress
   * clears them.
   */
  waiting(lacking: readonly string[]): void
  /** Takes the reason why the store is unreachable; `undefined` once it is reachable again. */
  away(reason: string | undefined): void
  /**
   * Takes the counts of a run that has its receipt. The run waits for nothing, though another
   * request may still wait for the store.
   */
  ended(counts: Counts): void
}

/**
 * Returns a teller of progress. `before` counts the specs that were done when this process began to
 * listen.
 */
export function createProgressTeller(
  specs: number,
  before: Counts,
  onProgress: ((progress: RunProgress) => void) | undefined,
): ProgressTeller {
  const batches = new Map<number, Progress>()
  const heard = { done: before.results + before.errors, errors: before.errors }
  let now: RunProgress = { specs, ...heard }
  let lacking: readonly string[] = []
  let store: readonly string[] = []

  function tell({ done, errors }: { readonly done: number; readonly errors: number }) {
    const waitingFor = [...store, ...lacking]
    now = { specs, done, errors, ...(waitingFor.length > 0 ? { waitingFor } : {}) }
    onProgress?.(now)
  }

  /**
   * Takes the counts that are ahead: reports cover this process alone, and receipts whole batches
   * only.
   */
  function atLeast({ done, errors }: { readonly done: number; readonly errors: number }) {
    if (done <= now.done && errors <= now.errors) return
    lacking = []
    tell({ done: Math.max(done, now.done), errors: Math.max(errors, now.errors) })
  }

  return {
    get now() {
      return now
    },
    reported(progress) {
      const known = batches.get(progress.start)
      batches.set(progress.start, progress)
      heard.done += progress.done - (known?.done ?? 0)
      heard.errors += progress.errors - (known?.errors ?? 0)
      atLeast(heard)
    },
    counted: ({ results, errors }) => atLeast({ done: results + errors, errors }),
    waiting(next) {
      if (String(next) === String(lacking)) return
      lacking = next
      tell(now)
    },
    ended({ results, errors }) {
      store = lacking = []
      const done = results + errors
      if (done !== now.done || errors !== now.errors || now.waitingFor) tell({ done, errors })
    },
    away(reason) {
      store = reason === undefined ? [] : [`the store (${reason})`]
      tell(now)
    },
  }
}
