import type { HatchetClient, Worker } from '@hatchet-dev/typescript-sdk'
import { answered } from '../client/requests.js'
import { actionOf } from '../client/workers.js'
import { declaredTasks, StepActionEventType, sendTaskEvent, taskKeys, V1TaskStatus, workerId } from '../internals.js'
import type { AnyWorkflow } from '../tasks.js'
import { REQUEUED } from '../wire.js'
import { type StartedTasks, tryKey } from './event-delivery.js'

/** A try of a task that the engine counts in a worker's hands. */
export interface Assignment {
  readonly id: string
  readonly retryCount: number
  /** `<workflow>:<task>` in small letters. */
  readonly action: string
}

/** More than a worker has in hand. */
const LISTED = 2_000
/** Longer than any task waits, in ms. */
const SINCE_MS = 60 * 24 * 3_600_000

/**
 * Hands back what the engine sent and what never came: a connection that breaks takes along what is on its way, and an engine, which is
 * not told that a task came, would wait for it until its time is up.
 */
export function createRequeue(
  client: HatchetClient,
  worker: Worker,
  workflows: readonly AnyWorkflow[],
  begun: StartedTasks,
): () => Promise<void> {
  const undelivered = createLostAssignments(triesOf(client, workflows))
  return async () => {
    const sent = await answered(sentTo(client, worker))
    // Where a worker has taken up very many since, what it still has in hand may be remembered no more.
    const inHand = new Set(taskKeys(worker).map((key) => key.split('/', 2).join('/')))
    const lost = undelivered(sent, (key) => begun.has(key) || inHand.has(key))
    await answered(Promise.all(lost.map((task) => giveBack(client, worker, task))))
  }
}

/**
 * Which of the tasks that were sent to a worker never came: those that are missing a second time, because some are on their way now.
 * Tasks that have no tries left are not among them. `tries`: how often a task is tried again, by its action.
 */
export function createLostAssignments(
  tries: ReadonlyMap<string, number>,
): (sent: readonly Assignment[], came: (key: string) => boolean) => Assignment[] {
  let missedBefore = new Set<string>()
  return (sent, came) => {
    const missed = sent.filter((task) => !came(tryKey(task)) && task.retryCount < (tries.get(task.action) ?? 0))
    const again = missed.filter((task) => missedBefore.has(tryKey(task)))
    missedBefore = new Set(missed.map(tryKey))
    return again
  }
}

async function sentTo(client: HatchetClient, worker: Worker): Promise<Assignment[]> {
  const { rows = [] } = await client.runs.list({
    workerId: workerId(worker),
    statuses: [V1TaskStatus.RUNNING],
    since: new Date(Date.now() - SINCE_MS),
    onlyTasks: true,
    includePayloads: false,
    limit: LISTED,
  })
  return rows.map(({ taskExternalId: id, retryCount = 0, actionId: action = '' }) => ({ id, retryCount, action }))
}

async function giveBack(client: HatchetClient, worker: Worker, { id, retryCount, action }: Assignment): Promise<void> {
  await sendTaskEvent(client, {
    workerId: worker.name,
    jobId: '',
    jobRunId: '',
    taskId: '',
    taskRunExternalId: id,
    actionId: action,
    eventTimestamp: new Date(),
    eventType: StepActionEventType.STEP_EVENT_TYPE_FAILED,
    eventPayload: JSON.stringify({ message: `${REQUEUED} It never came to the worker.` }),
    shouldNotRetry: false,
    retryCount,
  })
}

function triesOf(client: HatchetClient, workflows: readonly AnyWorkflow[]): Map<string, number> {
  return new Map(
    workflows.flatMap((workflow) =>
      declaredTasks(workflow).map((task) => [actionOf(client, workflow.name, task.name), task.retries ?? 0]),
    ),
  )
}
