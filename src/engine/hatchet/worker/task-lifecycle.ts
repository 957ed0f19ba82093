import { type Context, type DurableContext, type HatchetClient, NonRetryableError } from '@hatchet-dev/typescript-sdk'
import { rejectOnAbort } from '../../../async/promises.js'
import { RunCancelledError } from '../../errors.js'
import { statusOf } from '../client/status.js'
import { TaskRunTerminatedError } from '../internals.js'
import { failureText, REQUEUED } from '../wire.js'
import { refuseKiller } from './deaths.js'

/** The abort reason of a task that its worker requeues. */
export class RequeuedError extends Error {}

// biome-ignore lint/suspicious/noExplicitAny: the SDK's own bound for a task's input
export type AnyContext = Context<any> | DurableContext<any>

/** A task in flight on a worker. */
export interface Running {
  readonly signal: AbortSignal
  /** Stops the task on this worker, so that another worker starts it again. */
  requeue(): void
  /** Asks the engine whether the run was cancelled, and stops the task if it was. */
  checkCancelled(): Promise<void>
}

/**
 * Time limit of a task on the engine, and the interval at which the limit is extended while the
 * task runs, in ms.
 */
export const TASK_LIMIT = 3_600_000
const REFRESH_MS = 30_000
/**
 * Interval in ms at which a durable task asks whether it was cancelled, because the engine does not
 * notify it.
 */
const ASK_MS = 5_000

/**
 * Runs a task's work and reports its end as the engine needs it:
 *
 * - the result;
 * - a failure that the engine does not retry, because the fan decides about retries;
 * - nothing if the task was cancelled;
 * - a failure that the engine retries at once if the worker requeues the task.
 */
export async function runTask<T>(
  { client, inFlight }: { readonly client: HatchetClient; readonly inFlight: Set<Running> },
  ctx: AnyContext,
  durable: boolean,
  work: (running: Running) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  const runId = ctx.workflowRunId()
  const cancel = () => abort.abort(new RunCancelledError(String(ctx.additionalMetadata().experiment_id ?? runId)))
  const running: Running = {
    signal: abort.signal,
    requeue: () => abort.abort(new RequeuedError(`${REQUEUED} The worker stops.`)),
    async checkCancelled() {
      if ((await statusOf(client, runId)) === 'CANCELLED') cancel()
    },
  }
  ctx.abortController.signal.addEventListener('abort', cancel, { once: true })
  const asking = durable ? setInterval(() => void running.checkCancelled(), ASK_MS) : undefined
  const refreshing = keepAlive(ctx)
  inFlight.add(running)
  try {
    await refuseKiller(client, ctx, durable)
    return await Promise.race([work(running), rejectOnAbort(abort.signal)])
  } catch (error) {
    if (abort.signal.reason instanceof RequeuedError) throw abort.signal.reason
    if (abort.signal.aborted) throw new TaskRunTerminatedError('cancelled')
    throw failureOn(error)
  } finally {
    inFlight.delete(running)
    clearInterval(asking)
    clearInterval(refreshing)
    ctx.abortController.signal.removeEventListener('abort', cancel)
  }
}

/** Returns a failure with the stack of the original error, which the engine's dashboard shows. */
function failureOn(error: unknown): NonRetryableError {
  const failure = new NonRetryableError(failureText(error))
  if (error instanceof Error && error.stack) failure.stack = error.stack
  return failure
}

/**
 * Starts to extend the task's limit by the elapsed time, which the engine adds to its deadline.
 * Returns the timer.
 */
function keepAlive(ctx: AnyContext): NodeJS.Timeout {
  let last = Date.now()
  const timer = setInterval(async () => {
    const now = Date.now()
    const passed = Math.floor((now - last) / 1000)
    try {
      await ctx.refreshTimeout(`${passed}s`)
      last += passed * 1000
    } catch {
      // The engine is unavailable: the next call makes up for this one.
    }
  }, REFRESH_MS)
  timer.unref()
  return timer
}
