import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import type { DesiredWorkerLabel } from '../../../experiment/labels.js'
import type { SingleTask, Task } from '../../../scatter/task.js'
import { schemasLabel } from '../offers.js'
import { encodeTask, type WireTask } from '../wire.js'
import { answered } from './requests.js'

/** A task's own ids, which its children name as their parent. */
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

/** Between two tries where the engine is away, in ms; the SDK tries for about 25 s each time. */
const RETRY_MS = 2_000
/** gRPC sets no limit itself, and a connection may break without a word. Longer than the SDK tries, in ms. */
const SILENCE_MS = 60_000

/** What runs of a run's tasks carry, so that they can be found and stopped together. */
function metadataOf({ run, experiment, depth, start }: Omit<Task, 'kind'>): Record<string, string> {
  return { experiment_id: run, experiment_name: experiment, level: `${depth}`, index: `${start}` }
}

/** The request for a run's root task. */
export function rootTrigger(name: string, task: Task): Trigger {
  return {
    workflowName: name,
    input: encodeTask(task, null),
    options: { additionalMetadata: metadataOf(task), desiredWorkerLabels: {} },
  }
}

/** The request for a child. Only leaves ask for labels: fans run none of the user's code. */
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
      // The same key is the same child to the engine, however often a fan runs.
      childKey: key,
      childIndex: index,
    },
  }
}

/** Batches go to workers with the run's schemas; who serves single specs may be anyone. */
function labelsOf({ kind, experiment, labels, schemas }: Task | SingleTask): Record<string, DesiredWorkerLabel> {
  if (kind === 'single' || schemas === undefined) return { ...labels }
  return { ...labels, [schemasLabel(experiment)]: { value: schemas, required: true } }
}

/** Hands a request over and gives the run's id. Throws where the engine is out of reach. */
export async function trigger(client: HatchetClient, request: Trigger): Promise<string> {
  const [ref] = await client.admin.runWorkflows([request])
  return ref!.runId
}

/**
 * A fan's requests: those of one turn travel together. It goes on asking where the engine is away, until `signal` aborts, for a batch
 * must not be given up because of that.
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
