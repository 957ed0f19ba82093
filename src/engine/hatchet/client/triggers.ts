import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import type { DesiredWorkerLabel } from '../../../experiment/labels.js'
import type { SingleTask, Task } from '../../../scatter/task.js'
import { schemasLabel } from '../offers.js'
import { encodeTask, type WireTask } from '../wire.js'
import { answered } from './requests.js'

/** The ids of a task, which its children name as their parent. */
export interface Parent {
  readonly runId: string
  readonly taskId: string
  readonly rootId: string
}

interface Trigger {
  readonly workflowName: string
  readonly input: WireTask | SingleTask['input']
  readonly options: {
    readonly additionalMetadata: Record<string, string>
    readonly desiredWorkerLabels: Record<string, DesiredWorkerLabel>
    readonly parentId?: string
    readonly parentTaskRunExternalId?: string
    readonly childIndex?: number
    readonly childKey?: string
  }
}

/**
 * Interval in ms between two attempts while the engine is unavailable. The SDK itself retries for
 * about 25 s each time.
 */
const RETRY_MS = 2_000
/**
 * Time limit of a request in ms, because gRPC sets none and a connection may break silently. It is
 * longer than the SDK's retries.
 */
const SILENCE_MS = 60_000

/** Returns the metadata of a run's tasks, by which they can be found and cancelled together. */
function metadataOf({ run, experiment, depth, start }: Omit<Task, 'kind'>): Record<string, string> {
  return { experiment_id: run, experiment_name: experiment, level: `${depth}`, index: `${start}` }
}

/** Returns the request for a run's root task. */
export function rootTrigger(name: string, task: Task): Trigger {
  return {
    workflowName: name,
    input: encodeTask(task, null),
    options: { additionalMetadata: metadataOf(task), desiredWorkerLabels: {} },
  }
}

/** Returns the request for a child. Only leaf tasks require labels: fans run no user code. */
export function childTrigger(
  name: string,
  task: Task | SingleTask,
  parent: Parent,
  key: string,
  index: number,
): Trigger {
  return {
    workflowName: name,
    input: task.kind === 'single' ? task.input : encodeTask(task, parent.rootId),
    options: {
      additionalMetadata: metadataOf(task),
      desiredWorkerLabels: task.kind === 'fan' ? {} : labelsOf(task),
      parentId: parent.runId,
      parentTaskRunExternalId: parent.taskId,
      // The engine spawns only one child for each key, however often a fan runs.
      childKey: key,
      childIndex: index,
    },
  }
}

/**
 * Returns the labels that a task requires. Batches go to workers with the run's schemas; single
 * specs may run on any worker.
 */
function labelsOf({ kind, experiment, labels, schemas }: Task | SingleTask): Record<string, DesiredWorkerLabel> {
  if (kind === 'single' || schemas === undefined) return { ...labels }
  return { ...labels, [schemasLabel(experiment)]: { value: schemas, required: true } }
}

/** Submits a request and resolves with the run's id. Rejects if the engine is unreachable. */
export async function trigger(client: HatchetClient, request: Trigger): Promise<string> {
  const [ref] = await client.admin.runWorkflows([request])
  return ref!.runId
}

/**
 * Creates a function that submits the requests of a fan. Requests of one turn of the event loop are
 * sent together. While the engine is unavailable, it retries until `signal` aborts, because a batch
 * must not fail for that reason.
 */
export function createTriggers(client: HatchetClient, signal: AbortSignal): (request: Trigger) => Promise<string> {
  let waiting: { request: Trigger; resolve(id: string): void; reject(error: unknown): void }[] = []

  async function send() {
    const sent = waiting
    waiting = []
    for (;;) {
      try {
        const refs = await answered(client.admin.runWorkflows(sent.map(({ request }) => request)), SILENCE_MS)
        await Promise.all(sent.map(async ({ resolve }, index) => resolve(await refs[index]!.runId)))
        return
      } catch (error) {
        if (signal.aborted || /INVALID_ARGUMENT/.test(String(error))) {
          for (const { reject } of sent) reject(error)
          return
        }
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {})
      }
    }
  }

  return (request) =>
    new Promise((resolve, reject) => {
      waiting.push({ request, resolve, reject })
      if (waiting.length === 1) setImmediate(() => void send())
    })
}
