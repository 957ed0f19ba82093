/**
 * Every access to an internal of the SDK. Internals change without notice, so package.json pins the
 * SDK's version exactly; read this file when you raise it. Each function states the reason, the
 * upstream issue, and the engine version from which it can be removed. Those engine versions are
 * newer than the ones that this package can be tested with today.
 *
 * `@grpc/grpc-js` is a dependency because the SDK requires it (v1/client/admin.js) but declares it
 * only as an optional peer.
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
/** The state of a task: started, completed or failed. */
type TaskEvent = Parameters<SendTaskEvent>[0]

/**
 * Replaces the function with which the SDK reports to the engine that a task started or ended. The
 * SDK gives up after 13 s, and no option changes that. No upstream issue is known. Can be removed
 * if the SDK repeats a task's last event until the engine has received it.
 */
export function wrapTaskEvents({ dispatcher }: HatchetClient, wrap: (send: SendTaskEvent) => SendTaskEvent): void {
  dispatcher.sendStepActionEvent = wrap(dispatcher.sendStepActionEvent.bind(dispatcher))
}

/**
 * Reports to the engine the end of a task that never reached this worker. Can be removed with
 * engine v0.120.24, which reassigns a task that its worker never acknowledged.
 */
export async function sendTaskEvent({ dispatcher }: HatchetClient, event: TaskEvent): Promise<void> {
  await dispatcher.sendStepActionEvent(event)
}

/**
 * Resets the attempts of a worker's stream. The SDK gives up the stream after 20 attempts, 10 s
 * apart, and its worker then receives no tasks (hatchet-dev/hatchet#4824, open). Engine v0.105.16
 * records heartbeats across reconnects (#4784), which keeps the tasks of a worker that reconnects;
 * the reset can be removed if the SDK reconnects without a limit.
 */
export function resetStreamAttempts({ _internal: { listener } }: Worker): void {
  if (listener) listener.retries = 0
}

/**
 * Returns the SDK's keys of the tasks in flight: `<id>/<attempt>`, and
 * `<id>/<attempt>/<invocation>` for a durable task. Needed to drain, and to find the tasks that the
 * engine counts but the worker does not have; the latter can be removed with engine v0.120.24.
 */
export function taskKeys(worker: Worker): string[] {
  return Object.keys(worker._internal.futures)
}

/**
 * Returns the id that the engine assigned to a worker, for which the SDK has no public field. A
 * worker has its id once it is ready.
 */
export function workerId(worker: Worker): string {
  return worker._internal.workerId!
}

/**
 * Returns the name of the only task of a workflow that was declared as a task, or `undefined`. The
 * SDK's own `run` reads this property as well.
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
 * Registers a workflow without a worker. The SDK registers only a worker's workflows, and an engine
 * loses a run of an unknown name.
 */
export async function putWorkflow(client: HatchetClient, workflow: AnyWorkflow): Promise<void> {
  await client.admin.putWorkflow(workflowToProto(workflow, { namespace: client.config.namespace ?? '' }))
}

/**
 * Subscribes to the ends of runs. The listener of `ref.output` restarts forever, which keeps a
 * script from exiting, and takes a minute to notice a restart of the engine. The engine returns the
 * id of a child before it stores the child; hatchet-dev/hatchet#4918 fixes this by spawning a child
 * again whose id was never started.
 */
export function subscribeToRuns(
  client: HatchetClient,
  ids: AsyncIterable<{ workflowRunId: string }>,
  signal: AbortSignal,
) {
  return client.listener.client.subscribeToWorkflowRuns(ids, { signal })
}
