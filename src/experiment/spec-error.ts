/** The reason why a spec has no result, as its row in `final/errors.pq` stores it. */
export interface SpecError {
  /**
   * The error code: `SPEC_FAILED` (the function threw), `SPEC_TIMED_OUT`, `SPEC_OUT_OF_MEMORY`,
   * `SPEC_EXITED` (the function ended its process), `SPEC_CRASHED` (a signal or an abort ended the
   * process), `OUTPUT_INVALID`, `FILE_UNAVAILABLE`, or `BATCH_LOST` (workers died under its batch
   * three times). A remote experiment may also have `SPEC_LOST` (workers died under its task),
   * `INPUT_TOO_LARGE`, or a code of the worker's own.
   */
  readonly code: string
  /** The class of the thrown value, else the code. */
  readonly name: string
  readonly message: string
  readonly stack: string | null
  /** The number of attempts. */
  readonly attempts: number
  /** The name of the worker. */
  readonly worker: string
  /** The duration of the last attempt, in seconds. */
  readonly seconds: number
}
