/** Why a spec has no result: what its row in `final/errors.pq` says. */
export interface SpecError {
  /**
   * `SPEC_FAILED` (the function threw), `SPEC_TIMED_OUT`, `SPEC_OUT_OF_MEMORY`, `SPEC_EXITED` (the function ended its process),
   * `SPEC_CRASHED` (a signal or an abort did), `OUTPUT_INVALID`, `FILE_UNAVAILABLE`, `BATCH_LOST` (workers died under its batch, three times over);
   * of a remote experiment also `SPEC_LOST` (workers died under its task) and `INPUT_TOO_LARGE`, or a worker's own.
   */
  readonly code: string
  /** The class of what was thrown, else the code. */
  readonly name: string
  readonly message: string
  readonly stack: string | null
  /** Tries made. */
  readonly attempts: number
  /** The worker's name. */
  readonly worker: string
  /** Seconds that the last try took. */
  readonly seconds: number
}
