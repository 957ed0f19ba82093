import { AsyncLocalStorage } from 'node:async_hooks'
import type { Experiment } from '../../experiment/experiment.js'
import { type Output, outputParser, type ParsedOutput } from '../../experiment/output.js'
import { experimentTables } from '../../experiment/tables.js'
import { type FileUnavailableError, OutputInvalidError, SpecTimedOutError } from '../errors.js'
import type { Batch, FinishedRows } from '../executor.js'
import { monotonicNow } from '../status-file.js'
import { AttemptContext } from './context.js'
import { keepOutputFile } from './output-files.js'

/** The outcome of an attempt. */
export type Outcome =
  | {
      readonly type: 'result'
      readonly output: Output
      /** Addresses of the output files, by field. */
      readonly uris: Readonly<Record<string, string>>
      readonly files: FinishedRows['files']
    }
  /** The returned value does not match the declared outputs. */
  | { readonly type: 'invalid'; readonly error: OutputInvalidError }
  /** The function returned after its time limit. */
  | { readonly type: 'late'; readonly error: SpecTimedOutError }
  | { readonly type: 'thrown'; readonly thrown: unknown }
  /** One of its files cannot be fetched, so the function was not called. */
  | { readonly type: 'no-file'; readonly error: FileUnavailableError }

type Result = Extract<Outcome, { type: 'result' }>

const NO_URIS: Result['uris'] = Object.freeze(Object.create(null))
const NO_FILES: Result['files'] = []

/** Runs attempts at the specs of one batch, one at a time. */
export interface Attempts {
  /**
   * Calls the function. Returns a promise only if the function returned one, and resolves when it
   * settles. A thrown error is an outcome. The outcome is in `outcome` and not the value of the
   * promise, because user code may have added a `then` to all objects.
   */
  run(spec: Record<string, unknown>, sortIndex: number, attempt: number, startedAt: number): Promise<void> | undefined
  /** The outcome of the last attempt that ended. */
  readonly outcome: Outcome
  /** Whether the last attempt that ended lacked a resource: its folder could not be created. */
  readonly isImpaired: boolean
  /** The current attempt. */
  readonly current: AttemptContext | undefined
  /** Whether the current function has returned a promise, so that other code may run meanwhile. */
  readonly isPending: boolean
  /**
   * Tells the current attempt that its time is over, if it is. Returns whether it was told by this
   * call.
   */
  checkTime(): boolean
  /** Tells the current attempt to stop. */
  abort(reason: Error): void
}

export interface AttemptsOptions {
  readonly own: string
  readonly outbox: string
  /**
   * Returns the time in ms, up to `now`, for which this process was stopped since it was started.
   */
  readonly stopped: (now: number) => number
  /** Called when a function has returned a promise. */
  readonly onPending: () => void
  /**
   * Whether to record each attempt as the owner of the work that it leaves behind. This makes every
   * promise slower.
   */
  readonly owned: boolean
}

/**
 * Holds the attempt that the running code belongs to, even if a leftover timer or socket runs it.
 */
export const attemptOwner = new AsyncLocalStorage<AttemptContext>()

export function createAttempts(
  experiment: Experiment,
  batch: Batch,
  { own, outbox, stopped, onPending, owned }: AttemptsOptions,
): Attempts {
  const { fn, executionTimeout, outputFolders } = experiment
  const parse = outputParser(experiment)
  const hasFiles = experimentTables(experiment).outputFiles.length > 0
  const scope = { batch, folder: own }
  let current: AttemptContext | undefined
  let startedAt = 0
  let stoppedBefore = 0
  let isTold = false
  let isPending = false
  let isImpaired = false
  let outcome: Outcome = { type: 'thrown', thrown: undefined }

  /**
   * Returns whether the attempt exceeds its limit. Time in which this process could not run does
   * not count.
   */
  const isLate = () => {
    const passed = monotonicNow() - startedAt
    return passed > executionTimeout && passed - (stopped(monotonicNow()) - stoppedBefore) > executionTimeout
  }
  const late = (): Outcome => ({ type: 'late', error: new SpecTimedOutError(executionTimeout) })

  function resultOf(output: Output, ctx: AttemptContext): Result {
    if (!hasFiles) return { type: 'result', output, uris: NO_URIS, files: NO_FILES }
    const uris: Record<string, string> = Object.create(null)
    const files: FinishedRows['files'][number][] = []
    for (const field in output.files) {
      const kept = keepOutputFile(batch, field, output.files[field]!, ctx, outbox, outputFolders)
      uris[field] = kept.uri
      if (kept.file) files.push(kept.file)
    }
    return { type: 'result', output, uris, files }
  }

  function returnedFrom(ctx: AttemptContext, returned: unknown): Outcome {
    if (isTold || isLate()) return late()
    let parsed: ParsedOutput
    try {
      parsed = parse(returned)
    } catch (thrown) {
      return { type: 'thrown', thrown }
    }
    if ('problem' in parsed) return { type: 'invalid', error: new OutputInvalidError(parsed.problem) }
    try {
      return resultOf(parsed.output, ctx)
    } catch (error) {
      return error instanceof OutputInvalidError ? { type: 'invalid', error } : { type: 'thrown', thrown: error }
    }
  }

  const thrownFrom = (thrown: unknown): Outcome => (isTold ? late() : { type: 'thrown', thrown })

  function end(ctx: AttemptContext, ended: Outcome): undefined {
    outcome = ended
    isImpaired = ctx.failure !== undefined
    current = undefined
    isPending = false
    ctx.removeTempdir()
  }

  async function settled(ctx: AttemptContext, pending: PromiseLike<unknown>): Promise<void> {
    isPending = true
    onPending()
    try {
      end(ctx, returnedFrom(ctx, await pending))
    } catch (thrown) {
      end(ctx, thrownFrom(thrown))
    }
  }

  return {
    get current() {
      return current
    },
    get outcome() {
      return outcome
    },
    get isImpaired() {
      return isImpaired
    },
    get isPending() {
      return isPending
    },
    run(spec, sortIndex, attempt, now) {
      const ctx = new AttemptContext(scope, sortIndex, attempt)
      current = ctx
      isTold = false
      startedAt = now
      stoppedBefore = stopped(now)
      try {
        const returned = owned ? attemptOwner.run(ctx, fn, spec, ctx) : fn(spec, ctx)
        return isThenable(returned) ? settled(ctx, returned) : end(ctx, returnedFrom(ctx, returned))
      } catch (thrown) {
        return end(ctx, thrownFrom(thrown))
      }
    },
    checkTime() {
      if (!current || isTold || !isLate()) return false
      isTold = true
      current.abort(new DOMException(new SpecTimedOutError(executionTimeout).message, 'TimeoutError'))
      return true
    },
    abort(reason) {
      current?.abort(reason)
    },
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
