import type { HatchetClient, Worker } from '@hatchet-dev/typescript-sdk'
import { answered } from '../client/requests.js'
import { actionOf } from '../client/workers.js'
import { declaredTasks, StepActionEventType, sendTaskEvent, taskKeys, V1TaskStatus, workerId } from '../internals.js'
import type { AnyWorkflow } from '../tasks.js'
import { REQUEUED } from '../wire.js'
import { type StartedTasks, tryKey } from './event-delivery.js'

/** A task attempt that the engine counts as in flight on a worker. */
export interface Assignment {
  readonly id: string
  readonly retryCount: number
  /** The action: `<workflow>:<task>` in lower case. */
  readonly action: string
}

/** Maximum number of listed tasks: more than a worker has in flight. */
const LISTED = 2_000
/** Age limit of listed tasks in ms: longer than any task waits. */
const SINCE_MS = 60 * 24 * 3_600_000

/**
 * Creates a function that requeues the tasks that the engine sent and that never arrived. A
 * connection that breaks loses the messages in transit. An engine that is not told whether a task
 * arrived would wait for it until the task times out.
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
    // If a worker has started many tasks since, older tasks in flight may be forgotten in `begun`.
    const inHand = new Set(taskKeys(worker).map((key) => key.split('/', 2).join('/')))
    const lost = undelivered(sent, (key) => begun.has(key) || inHand.has(key))
    await answered(Promise.all(lost.map((task) => giveBack(client, worker, task))))
  }
}

/**
 * Creates a function that returns the tasks that were sent to a worker and never arrived: those
 * that are missing for the second time, because some are still in transit the first time. Tasks
 * without retries left are excluded. `tries`: the number of retries of a task, by its action.
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
