import type { Progress } from '../scatter/task.js'
import type { Counts } from './count-receipts.js'

/** Specs of a run that are done, of all there are; errors among them. */
export interface RunProgress {
  readonly specs: number
  readonly done: number
  readonly errors: number
  /** What no worker on the engine has, where the run waits for one that has it: labels, or in words. Absent where it does not. */
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

  function tell(next: RunProgress) {
    now = next
    onProgress?.(now)
  }

  /** Reports know of this process alone, receipts of whole batches only: the one that is ahead counts. */
  function atLeast({ done, errors }: { readonly done: number; readonly errors: number }) {
    if (done <= now.done && errors <= now.errors) return
    tell({ specs, done: Math.max(done, now.done), errors: Math.max(errors, now.errors) })
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
    waiting(lacking) {
      const { waitingFor = [], ...rest } = now
      if (String(lacking) !== String(waitingFor)) tell(lacking.length > 0 ? { ...rest, waitingFor: lacking } : rest)
    },
  }
}
