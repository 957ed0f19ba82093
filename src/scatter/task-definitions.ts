import { createMemo } from '../async/promises.js'
import type { Executor } from '../execute/executor.js'
import { codeHash } from '../execute/module/code-hash.js'
import type { Experiment } from '../experiment/experiment.js'
import { formSchema } from '../experiment/io-spec.js'
import { ExperimentRegistry } from '../experiment/registry.js'
import { formatValue } from '../experiment/values.js'
import { type FetchSettings, fetchSettings } from '../settings/fetch.js'
import { openStore } from '../store/open.js'
import { createAttempt, enduring } from '../store/patience.js'
import { scopedStore } from '../store/scoped-store.js'
import type { Store } from '../store/store.js'
import { TaskForbiddenError } from './errors.js'
import { readPlan, runFan, runRoot } from './fan.js'
import { type Code, runLeaf } from './leaf.js'
import type { Plan } from './plan.js'
import { openRunFolder, type RunFolder } from './run-folder.js'
import { checkSchemas, schemaTag } from './schemas.js'
import { EVERY_STORE, type ServedStores } from './served.js'
import { runStandaloneSpec } from './standalone-spec.js'
import type { InputTaskDefinition, Task, TaskDefinition, TaskHost } from './task.js'
import { checkPlace, readTask } from './task-check.js'
import { createTaskStores, type TaskStores } from './task-stores.js'

/** Number of runs whose folder a worker keeps open, with the footer of their specs. */
const KEPT_OPEN = 16

export interface TaskDefinitionsOptions {
  /**
   * Experiments whose batches and single specs the worker takes. Default: the batches of all
   * registered experiments.
   */
  readonly experiments?: readonly Experiment[] | undefined
  /** Tasks of other kinds that the worker takes, such as `pythonFanTask`. Default: none. */
  readonly others?: readonly ((stores: TaskStores) => InputTaskDefinition)[]
  /** Stores that tasks may name. Default: every store, for an engine in this process. */
  readonly served?: ServedStores
  /** Opens the store at an address. Default: `openStore`. */
  readonly storeOf?: (address: string) => Store
  /**
   * Returns the code of an experiment. Default: the code that this process has registered, never
   * the code that a run names.
   */
  readonly codeOf?: (name: string) => Code
  /** Limits of the fetch of input files. Default: the limits that the environment sets. */
  readonly limits?: FetchSettings
}

/**
 * Returns the tasks that a worker serves: the fan, the batches, the single specs of its
 * experiments, and others. Each task is checked whole before anything is done with it.
 *
 * @param executor Runs the batches.
 */
export function taskDefinitions(
  executor: Executor,
  {
    experiments,
    others = [],
    served = EVERY_STORE,
    storeOf = openStore,
    codeOf = registered,
    limits = fetchSettings(process.env),
  }: TaskDefinitionsOptions = {},
): TaskDefinition[] {
  const stores = createTaskStores(served, storeOf)
  const runs = createMemo<string, RunFolder>(KEPT_OPEN)
  const plans = new WeakMap<RunFolder, Plan>()

  async function open(given: Task, host: TaskHost): Promise<RunFolder> {
    const task = readTask(given)
    checkName(task, host)
    await served.check(task.store)
    const attempt = createAttempt(stores.at(task.store).uri, enduring(host.signal))
    const { allocation, readSpecs } = await attempt(async () => {
      const run = await runOf(task)
      await check(task, run)
      return run
    })
    const folder = scopedStore(stores.of(host)(task.store), task.run)
    return { allocation, folder, readSpecs: (row) => attempt(() => readSpecs(row)) }
  }

  function runOf(task: Task): Promise<RunFolder> {
    return runs.get(addressOf(task), () => openRunFolder(stores.at(task.store), task.run))
  }

  /**
   * Checks a task against the plan. Reads the plan again if the task does not fit: the plan may
   * have been damaged and made again.
   */
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

  async function fan(task: Task, host: TaskHost): Promise<unknown> {
    // A removed run may be allocated again in the same second, so its root reads the stored run.
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
    return runLeaf(run, task, host, executor, code, { openStore: stores.ofInputs(host), limits })
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
        runStandaloneSpec(experiment, input, host, executor, served, { openStore: stores.of(host), limits }),
    }
  }

  return [
    { takes: 'node', kind: 'fan', run: fan },
    { takes: 'node', kind: 'leaf', experiments, run: leaf },
    ...(experiments ?? []).map(singleSpec),
    ...others.map((define) => define(stores)),
  ]
}

/**
 * Throws `TaskForbiddenError` if a task was sent under the name of one experiment, and names
 * another.
 */
function checkName({ experiment }: Task, host: TaskHost): void {
  if (host.experiment === undefined || host.experiment === experiment) return
  throw new TaskForbiddenError(
    `it came as a task of ${host.experiment}, and names the experiment ${formatValue(experiment)}.`,
  )
}

/**
 * Returns the code that this process has registered. The module that a run names may be on another
 * machine, or be a trap.
 */
function registered(name: string): Code {
  const { module, memory, executionTimeout } = ExperimentRegistry.get(name)
  return { experiment: { name, module, memory }, executionTimeout, hash: codeHash(module) }
}

function addressOf({ store, run }: Pick<Task, 'store' | 'run'>): string {
  return `${store}\n${run}`
}
