import type { Progress } from '../scatter/task.js'
import type { Counts } from './count-receipts.js'

/** Specs of a run that are done, of all there are; errors among them. */
export interface RunProgress {
  readonly specs: number
  readonly done: number
  readonly errors: number
  /**
   * What the run waits for: labels that no worker on the engine has, the same in words, or the store, with what it answers. Absent if it
   * waits for none.
   */
  readonly waitingFor?: readonly string[]
}

/** Brings together what is heard of a run's progress, and tells what is new. */
export interface ProgressTeller {
  readonly now: RunProgress
  /** So far is a batch that runs in this process. */
  reported(progress: Progress): void
  /** So many specs have a receipt. */
  counted(counts: Counts): void
  /** Nothing goes on for lack of these. Progress clears it. */
  waiting(lacking: readonly string[]): void
  /** The store is away, for this reason; `undefined`: it is not any more. */
  away(reason: string | undefined): void
  /** The run has its receipt: it waits for nothing, though a request for something else may still wait for the store. */
  ended(counts: Counts): void
}

/** `before` is what was done when this process began to listen. */
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

  /** Reports know of this process alone, receipts of whole batches only: the one that is ahead counts. */
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
