import { createMemo } from '../async/promises.js'
import type { Executor } from '../execute/executor.js'
import { codeHash } from '../execute/module/code-hash.js'
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
import { openRunFolder, type RunFolder } from './run-folder.js'
import { checkSchemas, schemaTag } from './schemas.js'
import { EVERY_STORE, type ServedStores } from './served.js'
import { runStandaloneSpec } from './standalone-spec.js'
import type { Handlers, Task, TaskHost } from './task.js'
import { checkPlace, readTask, taskSchema } from './task-check.js'

/** Runs whose folder a worker keeps open, with the footer of their specs, and stores that it does. */
const KEPT_OPEN = 16

export interface HandlersOptions {
  /** Default: every store, for an engine in this process. */
  readonly served?: ServedStores
  /** Opens the store at an address. */
  readonly storeOf?: (address: string) => Store
  /** The code of an experiment. Default: what this process has registered, and nothing that a run names. */
  readonly codeOf?: (name: string) => Code
  /** Where input files may come from. Default: as the environment says. */
  readonly limits?: FetchSettings
}

/** What a worker does with its tasks. Each is checked whole before anything is done with it. */
export function createHandlers(
  pool: Executor,
  {
    served = EVERY_STORE,
    storeOf = openStore,
    codeOf = registered,
    limits = fetchSettings(process.env),
  }: HandlersOptions = {},
): Handlers {
  const stores = new Map<string, Store>()
  const runs = createMemo<string, RunFolder>(KEPT_OPEN)
  const plans = new WeakMap<RunFolder, Plan>()

  function storeAt(address: string): Store {
    const store = stores.get(address) ?? storeOf(address).patient(NONE)
    keep(stores, address, store)
    return store
  }

  /** What tasks share does not wait for a store that is away. Each of them does, until it is stopped itself. */
  function storesFor({ signal }: Pick<TaskHost, 'signal'>): (address: string) => Store {
    const patience = enduring(signal)
    return (address) => storeAt(address).patient(patience)
  }

  /** Of files from anywhere: one that is closed to us is not a store that is away. */
  function inputsFor({ signal }: Pick<TaskHost, 'signal'>): (address: string) => Store {
    const patience = { ...enduring(signal), refusals: false }
    return (address) => storeAt(address).patient(patience)
  }

  async function open(given: Task, host: TaskHost): Promise<RunFolder> {
    const task = readTask(taskSchema, given)
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

  /** The plan is kept, and read again where a task does not fit it: one that was damaged may have been made anew. */
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

  /** An object of a store that is served. */
  function getObject(uri: string, openStore: (address: string) => Store): Promise<Uint8Array> {
    return asMeant(uri, async (address) => {
      const object = objectAt(address)
      if (!object) throw new RunObjectInvalidError(uri, 'it is not the address of an object, as s3://bucket/key')
      served.checkObject(address)
      return openStore(object.store).get(object.key)
    })
  }

  return {
    async fan(task, host) {
      // A run that was removed may be made anew in the same second: its root looks at what is there now.
      if (task.depth === 0) runs.forget(addressOf(task))
      const run = await open(task, host)
      const { hashes, remote } = run.allocation
      const own = remote ? task : { ...task, schemas: schemaTag(hashes) }
      return task.depth === 0 ? runRoot(run, own, host) : runFan(run, own, host)
    },
    async leaf(task, host) {
      const run = await open(task, host)
      checkSchemas(run.allocation)
      const code = codeOf(run.allocation.experiment_name)
      return runLeaf(run, task, host, pool, code, { openStore: inputsFor(host), limits })
    },
    async pythonFan(input, host) {
      const openStore = storesFor(host)
      const { BUCKET, BUCKET_PREFIX } = input.storage_settings
      const store = bucketAddress(BUCKET, BUCKET_PREFIX)
      await served.check(store)
      return runPythonFan(input, host, openStore(store), (uri) => getObject(uri, openStore))
    },
    single: (experiment, input, host) =>
      runStandaloneSpec(experiment, input, host, pool, served, { openStore: storesFor(host), limits }),
  }
}

/** Throws `TaskForbiddenError` if a task came under the name of one experiment, and is of another. */
function checkName({ experiment }: Task, host: TaskHost): void {
  if (host.experiment === undefined || host.experiment === experiment) return
  throw new TaskForbiddenError(
    `it came as a task of ${host.experiment}, and names the experiment ${formatValue(experiment)}.`,
  )
}

/** The module of whoever allocated is nobody's here: it may lie on another machine, or be a trap. */
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
