import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { TaskFailedError } from '../../errors.js'
import { answered } from '../client/requests.js'
import { type V1TaskEvent, V1TaskEventType, V1TaskStatus } from '../internals.js'
import type { AnyContext } from './task-lifecycle.js'

/** Workers that a task may have been the end of: the next one does not take it. */
const DEATHS = 2
/** What dies so soon after it took a task, in ms, may have died of it. */
const SOON = 60_000
/** The engine gives a worker up half a minute after its last sign of life, and looks for such every some seconds, in ms. */
const GIVEN_UP = 45_000
/** How often, and how far apart in ms, the engine is asked: it tells some things a little later. */
const LOOKS = 5
const LOOK_MS = 2_000
const EVENTS = 1_000
const LISTED = 200
const SINCE_MS = 60 * 24 * 3_600_000

/**
 * Throws `TaskFailedError` (`TASK_KILLS_WORKERS`) where two workers died soon after they took this task, and nothing of the run was done in
 * between. Asks the engine only about a task that comes for the third time. An engine that cannot say is not a reason to refuse.
 */
export async function refuseKiller(client: HatchetClient, ctx: AnyContext, isFan: boolean): Promise<void> {
  if (ctx.retryCount() < DEATHS) return
  const id = ctx.taskRunExternalId()
  let events = await eventsOf(client, id)
  // The engine hands a task on before it can be asked why.
  for (let looks = 1; endedIn(events) < ctx.retryCount() && looks < LOOKS; looks++) {
    await sleep(LOOK_MS)
    events = await eventsOf(client, id)
  }
  const deaths = deathsIn(events)
  if (deaths.length < DEATHS) return
  const { experiment_id: run } = ctx.additionalMetadata() as Record<string, string>
  // A batch that shared the workers with its fan, and ended them, is refused first: that is progress, too.
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
  // Without an offset v0.91.3 answers with a fault of its own.
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

/** Counts the tries whose end is known. */
export function endedIn(events: readonly Pick<V1TaskEvent, 'eventType' | 'retryCount'>[]): number {
  return new Set(events.filter(({ eventType }) => ENDS.has(eventType)).map(({ retryCount }) => retryCount)).size
}

/** Each try whose worker was given up soon after it got it, in order. */
export function deathsIn(
  events: readonly Pick<V1TaskEvent, 'eventType' | 'timestamp' | 'retryCount' | 'workerId'>[],
): { readonly worker: string; readonly began: number }[] {
  // Whoever dies at once does not get round to saying that it started.
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

/** Whether another task of the run was done since: of a fan that gets somewhere, its workers died for other reasons. */
async function hasGoneOn(client: HatchetClient, id: string, run: string | undefined, since: number): Promise<boolean> {
  if (run === undefined) return true
  const listed = client.runs.list({
    additionalMetadata: { experiment_id: run },
    // One that was refused is progress, too.
    statuses: [V1TaskStatus.COMPLETED, V1TaskStatus.FAILED],
    since: new Date(Date.now() - SINCE_MS),
    onlyTasks: true,
    includePayloads: false,
    limit: LISTED,
  })
  const { rows = [] } = await answered(listed).catch(() => ({ rows: [] }))
  return rows.some((row) => row.taskExternalId !== id && Date.parse(row.finishedAt ?? '') > since)
}
