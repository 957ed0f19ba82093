/**
 * Every access to an internal of the SDK. Internals change without notice, so package.json pins the
 * SDK's version exactly; read this file when you raise it. Each function names the reason, the
 * upstream issue, and the engine from which it can go. The engines are newer than those that this
 * package can be tested with today.
 *
 * `@grpc/grpc-js` is a dependency because the SDK requires it (v1/client/admin.js) and names it as
 * an optional peer only.
 */
import type { HatchetClient, Worker } from '@hatchet-dev/typescript-sdk'
import { workflowToProto } from '@hatchet-dev/typescript-sdk/v1/client/worker/workflow-proto.js'
import type { AnyWorkflow } from './tasks.js'

/** Generated enums and an error class, which the SDK does not export from its index. */
export {
  type V1TaskEvent,
  V1TaskEventType,
  V1TaskStatus,
} from '@hatchet-dev/typescript-sdk/clients/rest/generated/data-contracts.js'
export { StepActionEventType } from '@hatchet-dev/typescript-sdk/protoc/dispatcher/dispatcher.js'
export { TaskRunTerminatedError } from '@hatchet-dev/typescript-sdk/util/errors/task-run-terminated-error.js'

/** Sends an event of a task to the engine. */
type SendTaskEvent = HatchetClient['dispatcher']['sendStepActionEvent']
/** Where a task is: started, completed or failed. */
type TaskEvent = Parameters<SendTaskEvent>[0]

/**
 * Replaces the function with which the SDK tells the engine that a task started or ended. The SDK
 * gives up after 13 s, and no option changes that. No upstream issue is known. Can go if the SDK
 * repeats a task's last event until the engine has it.
 */
export function wrapTaskEvents({ dispatcher }: HatchetClient, wrap: (send: SendTaskEvent) => SendTaskEvent): void {
  dispatcher.sendStepActionEvent = wrap(dispatcher.sendStepActionEvent.bind(dispatcher))
}

/**
 * Tells the engine how a task ended that never came to this worker. Can go with engine v0.120.24,
 * which reassigns a task that its worker never acknowledged.
 */
export async function sendTaskEvent({ dispatcher }: HatchetClient, event: TaskEvent): Promise<void> {
  await dispatcher.sendStepActionEvent(event)
}

/**
 * Resets the attempts of a worker's stream. The SDK gives the stream up after 20 attempts, 10 s
 * apart, and its worker then gets no tasks (hatchet-dev/hatchet#4824, open). Engine v0.105.16
 * records heartbeats across reconnects (#4784), which keeps the tasks of a worker that reconnects;
 * the reset can go if the SDK reconnects for as long as it takes.
 */
export function resetStreamAttempts({ _internal: { listener } }: Worker): void {
  if (listener) listener.retries = 0
}

/**
 * Returns the SDK's keys of the tasks in flight: `<id>/<attempt>`, and
 * `<id>/<attempt>/<invocation>` for a durable one. Needed to drain, and to find the tasks that the
 * engine counts and the worker does not have; the latter can go with engine v0.120.24.
 */
export function taskKeys(worker: Worker): string[] {
  return Object.keys(worker._internal.futures)
}

/**
 * Returns the id that the engine gave a worker. The SDK has no public field for it. It has one when
 * it is ready.
 */
export function workerId(worker: Worker): string {
  return worker._internal.workerId!
}

/**
 * Returns the name of the one task of a workflow that was declared as a task, or `undefined`. The
 * SDK's own `run` reads it as well.
 */
export function standaloneTask(workflow: AnyWorkflow): string | undefined {
  return (workflow as { readonly _standalone_task_name?: string })._standalone_task_name
}

/** Returns the tasks that a workflow declares. The SDK has no public list of them. */
export function declaredTasks({
  definition,
}: AnyWorkflow): readonly { readonly name: string; readonly retries?: number }[] {
  return [...definition._tasks, ...definition._durableTasks]
}

/**
 * Registers a workflow without a worker. The SDK registers a worker's workflows only, and an engine
 * loses a run of an unknown name.
 */
export async function putWorkflow(client: HatchetClient, workflow: AnyWorkflow): Promise<void> {
  await client.admin.putWorkflow(workflowToProto(workflow, { namespace: client.config.namespace ?? '' }))
}

/**
 * Subscribes to the ends of runs. `ref.output` uses a listener that restarts for ever, which keeps
 * a script from ending, and that takes a minute to notice a restart of the engine. That a child's
 * id is given before the child is stored is fixed by hatchet-dev/hatchet#4918, which spawns a child
 * again whose id was never started.
 */
export function subscribeToRuns(
  client: HatchetClient,
  ids: AsyncIterable<{ workflowRunId: string }>,
  signal: AbortSignal,
) {
  return client.listener.client.subscribeToWorkflowRuns(ids, { signal })
}
