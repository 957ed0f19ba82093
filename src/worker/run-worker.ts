import { withTimeout } from '../async/promises.js'
import type { Engine, WorkerHandle } from '../engine/engine.js'
import { environmentOfSpecs } from '../execute/pool/environment.js'
import { createPool } from '../execute/pool/pool.js'
import type { Experiment } from '../experiment/experiment.js'
import { ExperimentRegistry, type IncludedWorkflow } from '../experiment/registry.js'
import { workerEngine } from '../run/default-engine.js'
import { createHandlers } from '../scatter/handlers.js'
import { servedStores } from '../scatter/served.js'
import { engineKind } from '../settings/engine.js'
import { SettingsInvalidError } from '../settings/environment.js'
import { say } from '../settings/say.js'
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

/** How long an engine is waited for, at most, when there is nothing more to wait for but itself. */
const ENGINE_MS = 5000

/** A store may be away for so long before its worker counts as failing, in ms. */
const STORE_AWAY_MS = 60_000

export interface RunWorkerOptions {
  readonly additionalWorkflows?: readonly IncludedWorkflow[]
  /** Default: one that is opened, and closed at the end. */
  readonly engine?: Engine
  /** URLs of the modules that registered the experiments. Default: the script that Node runs. */
  readonly programs?: readonly string[]
}

/** Serves what the registry holds until there is a reason to leave. Rejects where the engine feeds the worker no more. */
export async function runWorker(config: ScytheWorkerConfig, options: RunWorkerOptions): Promise<void> {
  const { programs, additionalWorkflows = [] } = options
  const { drain, healthHost: host, healthPort: port } = config
  const experiments = ExperimentRegistry.list()
  const workflows = [...new Set([...ExperimentRegistry.workflows(), ...additionalWorkflows])]
  if (!config.doesFan && experiments.length === 0 && workflows.length === 0) throw nothingToDo()

  const facts = factsOf(config, experiments, options.engine)
  const tally = createTaskCounters(({ message }) => say(`worker ${facts.name}: ${message}`))

  await closeAfter(async (defer) => {
    const leaving = watchShutdown(config)
    defer(leaving.close)
    const endpoint = port === undefined ? undefined : await openEndpoint({ host, port }, facts, tally)
    defer(() => endpoint?.close())
    defer(listenToTroubles((trouble, over) => say(troubleText(trouble, over))))
    const store = openStore(configuredStore(process.env))
    const glance = store.patient(NONE)
    const stores = [store.uri, ...config.stores]
    defer(() => store.close())
    // A worker that cannot write would fail what it is given, and the runs with it.
    await unlessAsked(leaving, store.probe())
    const engine = options.engine ?? (await unlessAsked(leaving, workerEngine(), (late) => late.close()))
    if (!options.engine) defer(() => withTimeout(ENGINE_MS, engine.close(), () => {}))
    const pool = createPool({
      slots: facts.slots.leaf,
      worker: facts.name,
      env: environmentOfSpecs(process.env, config.passEnv),
      ...(programs && { programs }),
    })
    defer(() => pool.close())
    // The first of its processes are up when work comes.
    const [first] = experiments
    if (config.doesLeaf && first) pool.warm(first)

    const { name, labels, slots } = facts
    const beginning = engine.serve(tally.count(createHandlers(pool, { served: servedStores(stores) })), {
      name,
      labels,
      slots: slots.leaf,
      durableSlots: slots.fan,
      pythonFans: config.doesFan && bucketOf(store.uri) !== undefined,
      experiments,
      workflows,
      onRefusal: (refusal) => say(refusalText(name, refusal)),
    })
    const serving = await unlessAsked(leaving, beginning, (late) => late.close({ drain: 0 }))
    defer(() => withTimeout(drain + ENGINE_MS, serving.close({ drain }), () => {}))
    leaving.watchIdle(tally, serving)
    endpoint?.serving([
      { name: 'engine', problems: () => serving.problems() },
      // Its tasks wait for a store that is away: to put another worker in its place would help nobody.
      { name: 'store', problems: () => glance.head('scythe-health').then(() => []), lastingFor: STORE_AWAY_MS },
      { name: 'pool', problems: () => pool.problems() },
    ])
    const workflowNames = workflows.map(({ name }) => name)
    say(startText({ ...facts, workflows: workflowNames, stores, health: endpoint && { host, port: endpoint.port } }))

    defer(tellTrouble(serving))

    const leave = (reason: string) => {
      endpoint?.stopping()
      say(stopText(reason, serving.busy(), drain))
    }
    try {
      leave(await Promise.race([leaving.requested, serving.lost]))
    } catch (error) {
      leave(error instanceof Error ? error.message : String(error))
      throw error
    }
  }).catch((error) => {
    if (!(error instanceof LeftEarlyError)) throw error
    say(stopText(error.message, 0, drain))
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

/** There was a reason to leave before the worker had begun. */
class LeftEarlyError extends Error {}

/** What `opening` gives. Throws `LeftEarlyError` where the worker is to leave first; what comes then is closed. */
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

/** Says when the engine gives the worker no more work, and when it does again. Gives what ends it. */
export function tellTrouble(serving: Pick<WorkerHandle, 'problems'>): () => void {
  let isFed = true
  const look = async () => {
    const problems = await serving.problems()
    if (isFed === (problems.length === 0)) return
    isFed = !isFed
    say(isFed ? 'the engine sends work again' : `no work comes for now: ${problems.join('; ')}`)
  }
  const timer = setInterval(() => void look(), LOOK_MS)
  return () => clearInterval(timer)
}

/** Does `work`, and then, whatever came of it, all that it deferred: the last first. Throws what failed first. */
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
