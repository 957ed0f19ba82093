import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { TaskFailedError } from '../../errors.js'
import { answered } from '../client/requests.js'
import { type V1TaskEvent, V1TaskEventType, V1TaskStatus } from '../internals.js'
import type { AnyContext } from './task-lifecycle.js'

/** Number of workers that a task may have killed before the next worker refuses it. */
const DEATHS = 2
/** Time in ms after accepting a task within which a worker's death may be caused by the task. */
const SOON = 60_000
/**
 * Maximum time in ms until the engine gives up a dead worker: half a minute after its last
 * heartbeat, plus the interval of its checks.
 */
const GIVEN_UP = 45_000
/**
 * Number of requests to the engine, and the interval between them in ms: the engine reports some
 * events with a delay.
 */
const LOOKS = 5
const LOOK_MS = 2_000
const EVENTS = 1_000
const LISTED = 200
const SINCE_MS = 60 * 24 * 3_600_000

/**
 * Rejects with `TaskFailedError` (`TASK_KILLS_WORKERS`) if two workers died soon after they
 * accepted this task, and no other task of the run was done in between. Asks the engine only about
 * a task that is delivered for the third time. If the engine cannot answer, the task is not
 * refused.
 */
export async function refuseKiller(client: HatchetClient, ctx: AnyContext, isFan: boolean): Promise<void> {
  if (ctx.retryCount() < DEATHS) return
  const id = ctx.taskRunExternalId()
  let events = await eventsOf(client, id)
  // The engine reassigns a task before its event list contains the reason.
  for (let looks = 1; endedIn(events) < ctx.retryCount() && looks < LOOKS; looks++) {
    await sleep(LOOK_MS)
    events = await eventsOf(client, id)
  }
  const deaths = deathsIn(events)
  if (deaths.length < DEATHS) return
  const { experiment_id: run } = ctx.additionalMetadata() as Record<string, string>
  // A batch that ran on the fan's workers and killed them is refused first, which also counts as
  // progress.
  for (let looks = 0; isFan && looks < LOOKS; looks++) {
    if (await hasGoneOn(client, id, run, deaths.at(-DEATHS)!.began)) return
    await sleep(LOOK_MS)
  }
  const { start, end } = (ctx.input ?? {}) as { start?: unknown; end?: unknown }
  const range = Number.isInteger(start) && Number.isInteger(end) ? `specs ${start} to ${Number(end) - 1}` : 'a task'
  const workers = deaths.map(({ worker }) => worker).join(', ')
  throw new TaskFailedError(
    'TASK_KILLS_WORKERS',
    `${deaths.length} workers ended within ${SOON / 1000} s after they took ${range} of ${run} (their ids: ${workers}), ` +
      'so no other one takes it. See why they ended, then resume the run.',
  )
}

async function eventsOf(client: HatchetClient, id: string): Promise<V1TaskEvent[]> {
  // Without an offset, v0.91.3 answers with an internal error.
  return answered(client.api.v1TaskEventList(id, { offset: 0, limit: EVENTS })).then(
    ({ data }) => data.rows ?? [],
    () => [],
  )
}

const { REASSIGNED, FAILED, TIMED_OUT, CANCELLED, RETRYING, RETRIED_BY_USER } = V1TaskEventType
const ENDS: ReadonlySet<V1TaskEventType> = new Set([
  REASSIGNED,
  FAILED,
  TIMED_OUT,
  CANCELLED,
  RETRYING,
  RETRIED_BY_USER,
])

/** Returns the number of attempts whose end is known. */
export function endedIn(events: readonly Pick<V1TaskEvent, 'eventType' | 'retryCount'>[]): number {
  return new Set(events.filter(({ eventType }) => ENDS.has(eventType)).map(({ retryCount }) => retryCount)).size
}

/**
 * Returns the attempts whose worker was given up soon after it was assigned the attempt, in order.
 */
export function deathsIn(
  events: readonly Pick<V1TaskEvent, 'eventType' | 'timestamp' | 'retryCount' | 'workerId'>[],
): { readonly worker: string; readonly began: number }[] {
  // A worker that dies at once does not report that it started.
  const given = events.filter(({ eventType }) => eventType === 'ASSIGNED')
  return events
    .filter(({ eventType }) => eventType === 'REASSIGNED')
    .flatMap(({ timestamp, retryCount }) => {
      const last = given.find((event) => event.retryCount === retryCount)
      if (!last) return []
      const began = Date.parse(last.timestamp)
      return Date.parse(timestamp) - began < SOON + GIVEN_UP ? [{ worker: last.workerId ?? 'unknown', began }] : []
    })
    .sort((a, b) => a.began - b.began)
}

/**
 * Resolves with whether another task of the run was done since then: if a fan makes progress, its
 * workers died for other reasons.
 */
async function hasGoneOn(client: HatchetClient, id: string, run: string | undefined, since: number): Promise<boolean> {
  if (run === undefined) return true
  const listed = client.runs.list({
    additionalMetadata: { experiment_id: run },
    // A task that was refused counts as progress, too.
    statuses: [V1TaskStatus.COMPLETED, V1TaskStatus.FAILED],
    since: new Date(Date.now() - SINCE_MS),
    onlyTasks: true,
    includePayloads: false,
    limit: LISTED,
  })
  const { rows = [] } = await answered(listed).catch(() => ({ rows: [] }))
  return rows.some((row) => row.taskExternalId !== id && Date.parse(row.finishedAt ?? '') > since)
}
