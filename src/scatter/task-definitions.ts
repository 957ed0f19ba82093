import { createMemo } from '../async/promises.js'
import type { Executor } from '../execute/executor.js'
import { codeHash } from '../execute/module/code-hash.js'
import type { Experiment } from '../experiment/experiment.js'
import { formSchema } from '../experiment/io-spec.js'
import { ExperimentRegistry } from '../experiment/registry.js'
import { formatValue } from '../experiment/values.js'
import { type FetchSettings, fetchSettings } from '../settings/fetch.js'
import { asMeant } from '../store/address.js'
import { objectAt } from '../store/backends.js'
import { openStore } from '../store/open.js'
import { createAttempt, enduring, NONE } from '../store/patience.js'
import { bucketAddress } from '../store/s3-backend.js'
import { scopedStore } from '../store/scoped-store.js'
import type { Store } from '../store/store.js'
import { RunObjectInvalidError, TaskForbiddenError } from './errors.js'
import { readPlan, runFan, runRoot } from './fan.js'
import { type Code, runLeaf } from './leaf.js'
import type { Plan } from './plan.js'
import { runPythonFan } from './python/fan.js'
import { PYTHON_FAN, pythonFanForm, readPythonFanInput } from './python/input.js'
import { openRunFolder, type RunFolder } from './run-folder.js'
import { checkSchemas, schemaTag } from './schemas.js'
import { EVERY_STORE, type ServedStores } from './served.js'
import { runStandaloneSpec } from './standalone-spec.js'
import type { InputTaskDefinition, Task, TaskDefinition, TaskHost } from './task.js'
import { checkPlace, readTask } from './task-check.js'

/** Number of runs whose folder a worker keeps open, with the footer of their specs; and of stores. */
const KEPT_OPEN = 16

export interface TaskDefinitionsOptions {
  /** Experiments whose batches and single specs the worker takes. Default: batches of all that are registered. */
  readonly experiments?: readonly Experiment[] | undefined
  /** Whether it takes the fans of runs that Python Scythe allocates, which live in buckets only. Default: no. */
  readonly pythonFans?: boolean
  /** Stores that tasks may name. Default: every store, for an engine in this process. */
  readonly served?: ServedStores
  /** Opens the store at an address. Default: `openStore`. */
  readonly storeOf?: (address: string) => Store
  /** Returns the code of an experiment. Default: the code that this process has registered, never the code that a run names. */
  readonly codeOf?: (name: string) => Code
  /** Limits of where input files may come from. Default: those of the environment. */
  readonly limits?: FetchSettings
}

/**
 * Returns the tasks that a worker serves: the fan, the batches, the single specs of its experiments,
 * and the fans that Python Scythe sends. Each task is checked whole before anything is done with it.
 *
 * @param executor Runs the batches.
 */
export function taskDefinitions(
  executor: Executor,
  {
    experiments,
    pythonFans = false,
    served = EVERY_STORE,
    storeOf = openStore,
    codeOf = registered,
    limits = fetchSettings(process.env),
  }: TaskDefinitionsOptions = {},
): TaskDefinition[] {
  const stores = new Map<string, Store>()
  const runs = createMemo<string, RunFolder>(KEPT_OPEN)
  const plans = new WeakMap<RunFolder, Plan>()

  function storeAt(address: string): Store {
    const store = stores.get(address) ?? storeOf(address).patient(NONE)
    keep(stores, address, store)
    return store
  }

  /** Opens stores that wait for an outage to end, until the task is stopped. What tasks share does not wait. */
  function storesFor({ signal }: Pick<TaskHost, 'signal'>): (address: string) => Store {
    const patience = enduring(signal)
    return (address) => storeAt(address).patient(patience)
  }

  /** Opens stores of input files. A file from anywhere that is refused does not count as an outage. */
  function inputsFor({ signal }: Pick<TaskHost, 'signal'>): (address: string) => Store {
    const patience = { ...enduring(signal), refusals: false }
    return (address) => storeAt(address).patient(patience)
  }

  async function open(given: Task, host: TaskHost): Promise<RunFolder> {
    const task = readTask(given)
    checkName(task, host)
    await served.check(task.store)
    const attempt = createAttempt(storeAt(task.store).uri, enduring(host.signal))
    const { allocation, readSpecs } = await attempt(async () => {
      const run = await runOf(task)
      await check(task, run)
      return run
    })
    const folder = scopedStore(storesFor(host)(task.store), task.run)
    return { allocation, folder, readSpecs: (row) => attempt(() => readSpecs(row)) }
  }

  function runOf(task: Task): Promise<RunFolder> {
    return runs.get(addressOf(task), () => openRunFolder(storeAt(task.store), task.run))
  }

  /** Checks a task against the plan. Reads the plan again if the task does not fit: it may have been damaged and mended. */
  async function check(task: Task, run: RunFolder): Promise<void> {
    const known = plans.get(run)
    try {
      if (known) return checkPlace(task, run.allocation, known)
    } catch {
      plans.delete(run)
    }
    const plan = await readPlan(run)
    if (plan) plans.set(run, plan)
    checkPlace(task, run.allocation, plan)
  }

  /** Reads an object of a store that is served. */
  function getObject(uri: string, openStore: (address: string) => Store): Promise<Uint8Array> {
    return asMeant(uri, async (address) => {
      const object = objectAt(address)
      if (!object) throw new RunObjectInvalidError(uri, 'it is not the address of an object, as s3://bucket/key')
      served.checkObject(address)
      return openStore(object.store).get(object.key)
    })
  }

  async function fan(task: Task, host: TaskHost): Promise<unknown> {
    // A removed run may be allocated again in the same second: its root looks at what is stored now.
    if (task.depth === 0) runs.forget(addressOf(task))
    const run = await open(task, host)
    const { hashes, remote } = run.allocation
    const node = remote ? task : { ...task, schemas: schemaTag(hashes) }
    return task.depth === 0 ? runRoot(run, node, host) : runFan(run, node, host)
  }

  async function leaf(task: Task, host: TaskHost): Promise<unknown> {
    const run = await open(task, host)
    checkSchemas(run.allocation)
    const code = codeOf(run.allocation.experiment_name)
    return runLeaf(run, task, host, executor, code, { openStore: inputsFor(host), limits })
  }

  function singleSpec(experiment: Experiment): InputTaskDefinition {
    return {
      takes: 'input',
      kind: 'single',
      name: experiment.name,
      description: experiment.description,
      experiment,
      form: formSchema(experiment),
      run: (input, host) =>
        runStandaloneSpec(experiment, input, host, executor, served, { openStore: storesFor(host), limits }),
    }
  }

  const pythonFan: InputTaskDefinition = {
    takes: 'input',
    kind: 'fan',
    name: PYTHON_FAN,
    description: 'Runs the specs of a run that Python Scythe allocated, and lays their tables together.',
    form: pythonFanForm(),
    spawns(input) {
      const { experiment_id: run, task_name: experiment } = readPythonFanInput(input)
      return { run, experiment }
    },
    async run(given, host) {
      const input = readPythonFanInput(given)
      const openStore = storesFor(host)
      const { BUCKET, BUCKET_PREFIX } = input.storage_settings
      const store = bucketAddress(BUCKET, BUCKET_PREFIX)
      await served.check(store)
      return runPythonFan(input, host, openStore(store), (uri) => getObject(uri, openStore))
    },
  }

  return [
    { takes: 'node', kind: 'fan', run: fan },
    { takes: 'node', kind: 'leaf', experiments, run: leaf },
    ...(experiments ?? []).map(singleSpec),
    ...(pythonFans ? [pythonFan] : []),
  ]
}

/** Throws `TaskForbiddenError` if a task came under the name of one experiment, and is of another. */
function checkName({ experiment }: Task, host: TaskHost): void {
  if (host.experiment === undefined || host.experiment === experiment) return
  throw new TaskForbiddenError(
    `it came as a task of ${host.experiment}, and names the experiment ${formatValue(experiment)}.`,
  )
}

/** Returns the code that this process has. The module that a run names may lie on another machine, or be a trap. */
function registered(name: string): Code {
  const { module, memory, executionTimeout } = ExperimentRegistry.get(name)
  return { experiment: { name, module, memory }, executionTimeout, hash: codeHash(module) }
}

function addressOf({ store, run }: Pick<Task, 'store' | 'run'>): string {
  return `${store}\n${run}`
}

function keep<T>(kept: Map<string, T>, key: string, value: T) {
  kept.set(key, value)
  if (kept.size > KEPT_OPEN) kept.delete(kept.keys().next().value!)
}
