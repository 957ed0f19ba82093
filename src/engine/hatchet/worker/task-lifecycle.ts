import { type Context, type DurableContext, type HatchetClient, NonRetryableError } from '@hatchet-dev/typescript-sdk'
import { rejectOnAbort } from '../../../async/promises.js'
import { RunCancelledError } from '../../errors.js'
import { statusOf } from '../client/status.js'
import { TaskRunTerminatedError } from '../internals.js'
import { failureText, REQUEUED } from '../wire.js'
import { refuseKiller } from './deaths.js'

/** The reason of a task's signal if its worker requeues it. */
export class RequeuedError extends Error {}

// biome-ignore lint/suspicious/noExplicitAny: the SDK's own bound for a task's input
export type AnyContext = Context<any> | DurableContext<any>

/** A task in flight on a worker. */
export interface Running {
  readonly signal: AbortSignal
  /** Stops the task here, so that another worker starts it. */
  requeue(): void
  /** Asks the engine whether the run was cancelled, and stops the task if it was. */
  checkCancelled(): Promise<void>
}

/** A task's time limit on the engine, and the interval at which it is extended while the task runs, in ms. */
export const TASK_LIMIT = 3_600_000
const REFRESH_MS = 30_000
/** Interval at which a durable task asks whether it was cancelled, because it is not told, in ms. */
const ASK_MS = 5_000

/**
 * Does a task's work and reports its end as the engine needs it: the result; a failure that the engine
 * does not retry, because the fan decides that; nothing if the task was cancelled; and a failure that
 * the engine retries at once if the worker requeues the task.
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

/** Returns the failure with the stack of the error, which the engine's dashboard shows. */
function failureOn(error: unknown): NonRetryableError {
  const failure = new NonRetryableError(failureText(error))
  if (error instanceof Error && error.stack) failure.stack = error.stack
  return failure
}

/** Extends the task's limit by the time that has passed, which the engine adds to its deadline. */
function keepAlive(ctx: AnyContext): NodeJS.Timeout {
  let last = Date.now()
  const timer = setInterval(async () => {
    const now = Date.now()
    const passed = Math.floor((now - last) / 1000)
    try {
      await ctx.refreshTimeout(`${passed}s`)
      last += passed * 1000
    } catch {
      // The engine is away: the next call makes up for it.
    }
  }, REFRESH_MS)
  timer.unref()
  return timer
}
