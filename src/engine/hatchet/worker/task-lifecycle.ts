import { type Context, type DurableContext, type HatchetClient, NonRetryableError } from '@hatchet-dev/typescript-sdk'
import { rejectOnAbort } from '../../../async/promises.js'
import { TaskCancelledError } from '../../errors.js'
import { statusOf } from '../client/status.js'
import { TaskRunTerminatedError } from '../internals.js'
import { failureText } from '../wire.js'
import { refuseKiller } from './deaths.js'

/** How the failure of a task begins that its worker hands back. */
export const HANDED_BACK = '[HANDED_BACK]'

/** The reason of the signal of work that its worker hands back. */
export class RequeuedError extends Error {}

// biome-ignore lint/suspicious/noExplicitAny: the SDK's own bound for a task's input
export type AnyContext = Context<any> | DurableContext<any>

/** A task that a worker has in hand. */
export interface Running {
  readonly signal: AbortSignal
  /** Stops it here and gives it back to the engine, for another worker to start. */
  handBack(): void
  /** Asks the engine whether the run was cancelled, and stops it if so. */
  checkCancelled(): Promise<void>
}

/** A task's limit on the engine, in ms, and how often it is put off while the task runs. */
export const TASK_LIMIT = 3_600_000
const REFRESH_MS = 30_000
/** A durable task is not told when it is cancelled, and has to ask, every so many ms. */
const ASK_MS = 5_000

/**
 * Does a task's work so that the engine hears the right thing: its result; a failure, which is not tried again, because that is the
 * fan's to decide; nothing where it was cancelled; and a failure that is tried again at once where the worker hands it back.
 */
export async function runTask<T>(
  { client, inHand }: { readonly client: HatchetClient; readonly inHand: Set<Running> },
  ctx: AnyContext,
  durable: boolean,
  work: (running: Running) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  const runId = ctx.workflowRunId()
  const cancel = () => abort.abort(new TaskCancelledError(String(ctx.additionalMetadata().experiment_id ?? runId)))
  const running: Running = {
    signal: abort.signal,
    handBack: () => abort.abort(new RequeuedError(`${HANDED_BACK} The worker stops.`)),
    async checkCancelled() {
      if ((await statusOf(client, runId)) === 'CANCELLED') cancel()
    },
  }
  ctx.abortController.signal.addEventListener('abort', cancel, { once: true })
  const asking = durable ? setInterval(() => void running.checkCancelled(), ASK_MS) : undefined
  const refreshing = keepAlive(ctx)
  inHand.add(running)
  try {
    await refuseKiller(client, ctx, durable)
    return await Promise.race([work(running), rejectOnAbort(abort.signal)])
  } catch (error) {
    if (abort.signal.reason instanceof RequeuedError) throw abort.signal.reason
    if (abort.signal.aborted) throw new TaskRunTerminatedError('cancelled')
    throw failureOn(error)
  } finally {
    inHand.delete(running)
    clearInterval(asking)
    clearInterval(refreshing)
    ctx.abortController.signal.removeEventListener('abort', cancel)
  }
}

/** Whoever looks at the engine sees where it was thrown, be it in the user's own code. */
function failureOn(error: unknown): NonRetryableError {
  const failure = new NonRetryableError(failureText(error))
  if (error instanceof Error && error.stack) failure.stack = error.stack
  return failure
}

/** Puts off the task's limit by just the time that has passed: what the engine is told is added to its deadline. */
function keepAlive(ctx: AnyContext): NodeJS.Timeout {
  let last = Date.now()
  const timer = setInterval(async () => {
    const now = Date.now()
    const passed = Math.floor((now - last) / 1000)
    try {
      await ctx.refreshTimeout(`${passed}s`)
      last += passed * 1000
    } catch {
      // The engine is away: what was missed is added next time.
    }
  }, REFRESH_MS)
  timer.unref()
  return timer
}
