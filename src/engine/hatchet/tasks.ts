import type { BaseWorkflowDeclaration, HatchetClient, JsonObject } from '@hatchet-dev/typescript-sdk'
import { z } from 'zod'
import type { Experiment } from '../../experiment/experiment.js'
import { batchName } from '../../experiment/names.js'
import type { InputTaskDefinition, Task } from '../../scatter/task.js'
import { DEFAULT_WAIT, timeoutSettings } from '../../settings/timeouts.js'
import { putWorkflow } from './internals.js'
import { FAN } from './wire.js'
import { type AnyContext, TASK_LIMIT } from './worker/task-lifecycle.js'

// biome-ignore lint/suspicious/noExplicitAny: workflows of any input and output
export type AnyWorkflow = BaseWorkflowDeclaration<any, any>

/**
 * Number of retries with which the engine requeues tasks when a worker stops. The engine never
 * retries failures, so a run survives this many workers that stop one after the other.
 */
const REQUEUES = 100
/**
 * Like `REQUEUES`, for tasks that workers of Python Scythe may serve, too. The definition that is
 * registered last applies to all workers, and Python workers retry failures this often.
 */
const SHARED_REQUEUES = 10

type Work = (input: unknown, ctx: AnyContext) => Promise<object>

const unimplemented: Work = async () => {
  throw new Error('This task was declared only to be registered.')
}

/**
 * Declares the fan task. It is durable, so that waiting for children holds none of the slots that
 * they need.
 */
export function fanTask(client: HatchetClient, work: Work = unimplemented) {
  const { scatterGatherSchedule, scatterGatherExecution } = timeoutSettings()
  return client.durableTask({
    name: FAN,
    description: 'Runs a range of the specs of a run, and lays its tables together.',
    executionTimeout: seconds(scatterGatherExecution),
    scheduleTimeout: seconds(scatterGatherSchedule),
    retries: REQUEUES,
    fn: (input: JsonObject, ctx) => work(input, ctx) as Promise<JsonObject>,
  })
}

/**
 * Declares the task that runs a batch of an experiment's specs. The pool enforces the time limit of
 * each spec.
 */
export function batchTask(
  client: HatchetClient,
  experiment: Pick<Experiment, 'name'> & Partial<Experiment>,
  work: Work = unimplemented,
) {
  return client.task({
    name: batchName(experiment.name),
    description: `Runs a batch of specs of ${experiment.name}.`,
    executionTimeout: seconds(TASK_LIMIT),
    scheduleTimeout: seconds(experiment.scheduleTimeout ?? timeoutSettings().experimentSchedule ?? DEFAULT_WAIT),
    retries: REQUEUES,
    fn: (input: JsonObject, ctx) => work(input, ctx) as Promise<JsonObject>,
  })
}

/**
 * Declares a task that anyone may submit: from a form in the dashboard, by REST, or from another
 * language. It is not durable, because Python Scythe's task is not, and an engine has one
 * definition for each name.
 */
export function inputTask(client: HatchetClient, definition: InputTaskDefinition, work: Work) {
  const { name, description, experiment, kind, form } = definition
  const { experimentSchedule, scatterGatherSchedule, scatterGatherExecution } = timeoutSettings()
  const isFan = kind === 'fan'
  const wait = isFan ? scatterGatherSchedule : (experiment?.scheduleTimeout ?? experimentSchedule)
  return client.task({
    name,
    ...(description ? { description } : {}),
    executionTimeout: seconds(isFan ? scatterGatherExecution : TASK_LIMIT),
    scheduleTimeout: seconds(wait ?? DEFAULT_WAIT),
    retries: SHARED_REQUEUES,
    ...(experiment && { desiredWorkerLabels: { ...experiment.desiredWorkerLabels } }),
    inputValidator: validatorOf(form),
    fn: (input: JsonObject, ctx) => work(input, ctx) as Promise<JsonObject>,
  })
}

/**
 * Declares the task of an experiment that other workers will serve, until they register it
 * themselves.
 */
function remoteTask(client: HatchetClient, name: string) {
  return client.task({
    name,
    executionTimeout: seconds(TASK_LIMIT),
    scheduleTimeout: seconds(timeoutSettings().experimentSchedule ?? DEFAULT_WAIT),
    // Python Scythe declares the same number.
    retries: 1,
    fn: (input: JsonObject, ctx) => unimplemented(input, ctx) as Promise<JsonObject>,
  })
}

export type Registrar = (task: Pick<Task, 'experiment' | 'remote'>) => Promise<void>

/**
 * Returns a function that registers the tasks of a run, because the engine silently loses tasks
 * with an unknown name. Tasks that a worker has registered are not changed.
 */
export function createRegistrar(client: HatchetClient): Registrar {
  const known = new Set<string>()
  return async ({ experiment, remote }) => {
    const leaf = remote ? remoteTask(client, experiment) : batchTask(client, { name: experiment })
    const tasks = [fanTask(client), leaf].filter(({ name }) => !known.has(name))
    await Promise.all(
      tasks.map(async (task) => {
        await ensureRegistered(client, task)
        known.add(task.name)
      }),
    )
  }
}

export async function ensureRegistered(client: HatchetClient, workflow: AnyWorkflow): Promise<void> {
  if (await isKnown(client, workflow.name)) return
  await putWorkflow(client, workflow)
}

async function isKnown(client: HatchetClient, name: string): Promise<boolean> {
  try {
    await client.workflows.get(name)
    return true
  } catch (error) {
    if (/not found/i.test(String(error))) return false
    throw error
  }
}

/**
 * Returns a validator whose JSON Schema is `form`, with dates and 64-bit integers. The SDK reads
 * the JSON Schema from zod.
 */
function validatorOf(form: object): z.ZodType<JsonObject> {
  const validator = z.custom<JsonObject>()
  validator._zod.toJSONSchema = () => form
  return validator
}

function seconds(ms: number): `${number}s` {
  return `${Math.max(1, Math.ceil(ms / 1000))}s`
}
