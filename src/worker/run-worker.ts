import { withTimeout } from '../async/promises.js'
import type { Engine, WorkerHandle } from '../engine/engine.js'
import { environmentOfSpecs } from '../execute/pool/environment.js'
import { createPool } from '../execute/pool/pool.js'
import type { Experiment } from '../experiment/experiment.js'
import { ExperimentRegistry, type IncludedWorkflow } from '../experiment/registry.js'
import { pythonFanTask } from '../python/fan/task.js'
import { workerEngine } from '../run/default-engine.js'
import { servedStores } from '../scatter/served.js'
import { taskDefinitions } from '../scatter/task-definitions.js'
import { engineKind } from '../settings/engine.js'
import { SettingsInvalidError } from '../settings/environment.js'
import { log, logSettings } from '../settings/log.js'
import { configuredStore } from '../store/configured.js'
import { openStore } from '../store/open.js'
import { NONE } from '../store/patience.js'
import { bucketOf } from '../store/s3-backend.js'
import { listenToTroubles, troubleText } from '../store/troubles.js'
import type { ScytheWorkerConfig } from './config.js'
import { openEndpoint, type WorkerFacts } from './endpoint.js'
import { type Shutdown, watchShutdown } from './shutdown.js'
import { createTaskCounters } from './task-counters.js'
import { refusalText, startText, stopText } from './texts.js'

/** Time limit for closing an engine, in ms. */
const ENGINE_MS = 5000

/** Time in ms for which a store may be unavailable before its worker counts as failing. */
const STORE_AWAY_MS = 60_000

export interface RunWorkerOptions {
  readonly additionalWorkflows?: readonly IncludedWorkflow[]
  /** The engine. Default: the configured engine, which is closed at the end. */
  readonly engine?: Engine
  /** URLs of the modules that register the experiments. Default: the script that Node.js runs. */
  readonly programs?: readonly string[]
}

/**
 * Serves the experiments of the registry until there is a reason to stop. Rejects if the engine
 * sends the worker no more tasks.
 */
export async function runWorker(config: ScytheWorkerConfig, options: RunWorkerOptions): Promise<void> {
  const { programs, additionalWorkflows = [] } = options
  const { drain, healthHost: host, healthPort: port } = config
  logSettings(process.env)
  const experiments = ExperimentRegistry.list()
  const workflows = [...new Set([...ExperimentRegistry.workflows(), ...additionalWorkflows])]
  if (!config.doesFan && experiments.length === 0 && workflows.length === 0) throw nothingToDo()

  const facts = factsOf(config, experiments, options.engine)
  const { name } = facts
  const counters = createTaskCounters(({ message }, task) => {
    log.warn(`worker ${name}: ${message}`, { worker: name, ...task })
  })

  await closeAfter(async (defer) => {
    const shutdown = watchShutdown(config)
    defer(shutdown.close)
    const endpoint = port === undefined ? undefined : await openEndpoint({ host, port }, facts, counters)
    defer(() => endpoint?.close())
    defer(
      listenToTroubles((trouble, over) => log[over ? 'info' : 'warn'](troubleText(trouble, over), { worker: name })),
    )
    const store = openStore(configuredStore(process.env))
    const glance = store.patient(NONE)
    const stores = [store.uri, ...config.stores]
    defer(() => store.close())
    // A worker that cannot write to the store would fail its tasks, and their runs.
    await unlessAsked(shutdown, store.probe())
    const engine = options.engine ?? (await unlessAsked(shutdown, workerEngine(), (late) => late.close()))
    if (!options.engine) defer(() => withTimeout(ENGINE_MS, engine.close(), () => {}))
    const pool = createPool({
      slots: facts.slots.leaf,
      worker: facts.name,
      env: environmentOfSpecs(process.env, config.passEnv),
      ...(programs && { programs }),
    })
    defer(() => pool.close())
    // The first processes are ready when the first task arrives.
    const [first] = experiments
    if (config.doesLeaf && first) pool.warm(first)

    const { labels, slots } = facts
    const tasks = taskDefinitions(pool, {
      served: servedStores(stores),
      experiments,
      // Python Scythe stores runs only in buckets.
      others: config.doesFan && bucketOf(store.uri) !== undefined ? [pythonFanTask] : [],
    })
    const beginning = engine.serve(counters.count(tasks), {
      name,
      labels,
      slots: slots.leaf,
      durableSlots: slots.fan,
      workflows,
      onRefusal: (refusal) => {
        const { run, experiment } = refusal
        log.warn(refusalText(name, refusal), { worker: name, experiment, run })
      },
    })
    const serving = await unlessAsked(shutdown, beginning, (late) => late.close({ drain: 0 }))
    defer(() => withTimeout(drain + ENGINE_MS, serving.close({ drain }), () => {}))
    shutdown.watchIdle(counters, serving)
    endpoint?.serving([
      { name: 'engine', problems: () => serving.problems() },
      // Tasks wait for an unavailable store. Another worker in this one's place would wait as well.
      { name: 'store', problems: () => glance.head('scythe-health').then(() => []), lastingFor: STORE_AWAY_MS },
      { name: 'pool', problems: () => pool.problems() },
    ])
    const workflowNames = workflows.map(({ name }) => name)
    const health = endpoint && { host, port: endpoint.port }
    log.info(startText({ ...facts, workflows: workflowNames, stores, health }), { worker: name })

    defer(tellTrouble(serving, name))

    const leave = (reason: string) => {
      endpoint?.stopping()
      log.info(stopText(reason, serving.busy(), drain), { worker: name })
    }
    try {
      leave(await Promise.race([shutdown.requested, serving.lost]))
    } catch (error) {
      leave(error instanceof Error ? error.message : String(error))
      throw error
    }
  }).catch((error) => {
    if (!(error instanceof LeftEarlyError)) throw error
    log.info(stopText(error.message, 0, drain), { worker: name })
  })
}

function factsOf(
  config: ScytheWorkerConfig,
  experiments: readonly Experiment[],
  engine: Engine | undefined,
): WorkerFacts {
  const { doesFan, doesLeaf } = config
  return {
    name: config.computedName,
    labels: config.labels,
    roles: [...(doesFan ? ['fan'] : []), ...(doesLeaf ? ['leaf'] : [])],
    slots: { leaf: doesLeaf ? config.computedSlots : 0, fan: doesFan ? config.computedDurableSlots : 0 },
    experiments: experiments.map(({ name }) => name),
    engine: engine?.name ?? engineKind(process.env, 'embedded'),
  }
}

/** Thrown if the worker has to stop before it has started to serve. */
class LeftEarlyError extends Error {}

/**
 * Resolves like `opening`. Rejects with `LeftEarlyError` if the worker has to stop first; a result
 * that arrives later is closed.
 */
async function unlessAsked<T>({ requested }: Shutdown, opening: Promise<T>, close?: (late: T) => unknown): Promise<T> {
  const left = requested.then((reason): never => {
    throw new LeftEarlyError(reason)
  })
  try {
    return await Promise.race([opening, left])
  } catch (error) {
    if (error instanceof LeftEarlyError) opening.then(close).catch(() => {})
    throw error
  }
}

function nothingToDo(): SettingsInvalidError {
  const expected = 'modules that register experiments, since this worker runs experiments only and there is none'
  return new SettingsInvalidError([
    { variable: 'SCYTHE_WORKER_EXPERIMENTS', value: process.env.SCYTHE_WORKER_EXPERIMENTS, expected },
  ])
}

const LOOK_MS = 3_000

/**
 * Logs when the engine stops sending the worker tasks, and when it starts again. Returns a function
 * that stops the logging.
 */
export function tellTrouble(serving: Pick<WorkerHandle, 'problems'>, worker: string): () => void {
  let isFed = true
  const look = async () => {
    const problems = await serving.problems()
    if (isFed === (problems.length === 0)) return
    isFed = !isFed
    if (isFed) log.info('the engine sends work again', { worker })
    else log.warn(`no work comes for now: ${problems.join('; ')}`, { worker })
  }
  const timer = setInterval(() => void look(), LOOK_MS)
  return () => clearInterval(timer)
}

/**
 * Runs `work`, and then all deferred functions in reverse order, even if `work` failed. Rejects
 * with the first failure.
 */
async function closeAfter(work: (defer: (close: () => unknown) => void) => Promise<void>): Promise<void> {
  const steps: (() => unknown)[] = []
  const failures: unknown[] = []
  const attempt = async (step: () => unknown) => {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  await attempt(() => work((close) => steps.push(close)))
  for (const step of steps.reverse()) await attempt(step)
  if (failures.length > 0) throw failures[0]
}
