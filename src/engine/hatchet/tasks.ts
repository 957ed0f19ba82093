import type { BaseWorkflowDeclaration, HatchetClient, JsonObject } from '@hatchet-dev/typescript-sdk'
import { z } from 'zod'
import type { Experiment } from '../../experiment/experiment.js'
import { formSchema } from '../../experiment/io-spec.js'
import { batchName } from '../../experiment/names.js'
import { pythonFanForm } from '../../scatter/python/input.js'
import type { Task } from '../../scatter/task.js'
import { DEFAULT_WAIT, timeoutSettings } from '../../settings/timeouts.js'
import { putWorkflow } from './internals.js'
import { FAN, PYTHON_FAN } from './wire.js'
import { type AnyContext, TASK_LIMIT } from './worker/task-lifecycle.js'

// biome-ignore lint/suspicious/noExplicitAny: workflows of any input and output
export type AnyWorkflow = BaseWorkflowDeclaration<any, any>

/**
 * Tries that the engine has for handing work back when a worker stops. Failures are never tried again by the engine, so that a run may
 * outlive this many workers one after the other.
 */
const HAND_BACKS = 100
/**
 * The same for tasks that workers of Python Scythe serve, too: whichever definition is registered last holds for both, and theirs try
 * what fails as often.
 */
const SHARED_HAND_BACKS = 10

type Work = (input: unknown, ctx: AnyContext) => Promise<object>

const nowhere: Work = async () => {
  throw new Error('This task was declared only to be registered.')
}

/** Our fan: durable, so that waiting for children holds none of the slots that they need. */
export function fanTask(client: HatchetClient, work: Work = nowhere) {
  const { scatterGatherSchedule, scatterGatherExecution } = timeoutSettings()
  return client.durableTask({
    name: FAN,
    description: 'Runs a range of the specs of a run, and lays its tables together.',
    executionTimeout: seconds(scatterGatherExecution),
    scheduleTimeout: seconds(scatterGatherSchedule),
    retries: HAND_BACKS,
    fn: (input: JsonObject, ctx) => work(input, ctx) as Promise<JsonObject>,
  })
}

/** The fan of runs that Python Scythe allocates. No durable task, because Python's is none, and an engine has one definition a name. */
export function pythonFanTask(client: HatchetClient, work: Work = nowhere) {
  const { scatterGatherSchedule, scatterGatherExecution } = timeoutSettings()
  return client.task({
    name: PYTHON_FAN,
    description: 'Runs the specs of a run that Python Scythe allocated, and lays their tables together.',
    executionTimeout: seconds(scatterGatherExecution),
    scheduleTimeout: seconds(scatterGatherSchedule),
    retries: SHARED_HAND_BACKS,
    inputValidator: validatorOf(pythonFanForm()),
    fn: (input: JsonObject, ctx) => work(input, ctx) as Promise<JsonObject>,
  })
}

/** The task that runs a batch of an experiment's specs. A spec's own limit is the pool's to keep. */
export function batchTask(
  client: HatchetClient,
  experiment: Pick<Experiment, 'name'> & Partial<Experiment>,
  work: Work = nowhere,
) {
  return client.task({
    name: batchName(experiment.name),
    description: `Runs a batch of specs of ${experiment.name}.`,
    executionTimeout: seconds(TASK_LIMIT),
    scheduleTimeout: seconds(experiment.scheduleTimeout ?? timeoutSettings().experimentSchedule ?? DEFAULT_WAIT),
    retries: HAND_BACKS,
    fn: (input: JsonObject, ctx) => work(input, ctx) as Promise<JsonObject>,
  })
}

/** The task that runs one spec from anywhere: a form in the dashboard, REST, another language. */
export function singleTask(client: HatchetClient, experiment: Experiment, work: Work) {
  return client.task({
    name: experiment.name,
    ...(experiment.description ? { description: experiment.description } : {}),
    executionTimeout: seconds(TASK_LIMIT),
    scheduleTimeout: seconds(experiment.scheduleTimeout ?? timeoutSettings().experimentSchedule ?? DEFAULT_WAIT),
    retries: SHARED_HAND_BACKS,
    desiredWorkerLabels: { ...experiment.desiredWorkerLabels },
    inputValidator: validatorOf(formSchema(experiment)),
    fn: (input: JsonObject, ctx) => work(input, ctx) as Promise<JsonObject>,
  })
}

/** The task of an experiment that others will serve, until they say themselves what it is. */
function remoteTask(client: HatchetClient, name: string) {
  return client.task({
    name,
    executionTimeout: seconds(TASK_LIMIT),
    scheduleTimeout: seconds(timeoutSettings().experimentSchedule ?? DEFAULT_WAIT),
    // As Python Scythe has it.
    retries: 1,
    fn: (input: JsonObject, ctx) => nowhere(input, ctx) as Promise<JsonObject>,
  })
}

export type Registrar = (task: Pick<Task, 'experiment' | 'remote'>) => Promise<void>

/**
 * Makes the tasks of a run known to the engine, which loses in silence what is sent to a name that it has never heard. What a worker has
 * registered stays as it is: the last definition of a name counts.
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

/** The SDK asks zod for the form's JSON Schema, and zod asks the schema: ours has it ready, with dates and 64-bit integers. */
function validatorOf(form: object): z.ZodType<JsonObject> {
  const validator = z.custom<JsonObject>()
  validator._zod.toJSONSchema = () => form
  return validator
}

function seconds(ms: number): `${number}s` {
  return `${Math.max(1, Math.ceil(ms / 1000))}s`
}
