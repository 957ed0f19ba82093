import type { Engine } from '../engine/engine.js'
import { createPool } from '../execute/processes.js'
import type { Experiment } from '../experiment/experiment.js'
import { ExperimentRegistry, type IncludedWorkflow } from '../experiment/registry.js'
import { workerEngine } from '../run/default-engine.js'
import { createHandlers } from '../scatter/handlers.js'
import { within } from '../scatter/promises.js'
import { engineKind } from '../settings/engine.js'
import { SettingsInvalidError } from '../settings/environment.js'
import { storageSettings } from '../settings/storage.js'
import { openStore } from '../store/open.js'
import { closeAfter } from './close-after.js'
import type { ScytheWorkerConfig } from './config.js'
import { openEndpoint, type WorkerFacts } from './endpoint.js'
import { type Leaving, waitToLeave } from './leaving.js'
import { say, startText, stopText } from './say.js'
import { createTally } from './tally.js'
import { tellTrouble } from './trouble.js'

/** How long an engine is waited for, at most, when there is nothing more to wait for but itself. */
const ENGINE_MS = 5000

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
  const { drain, healthPort } = config
  const experiments = ExperimentRegistry.list()
  const workflows = [...new Set([...ExperimentRegistry.workflows(), ...additionalWorkflows])]
  if (!config.doesFan && experiments.length === 0 && workflows.length === 0) throw nothingToDo()

  const facts = factsOf(config, experiments, options.engine)
  const tally = createTally()

  await closeAfter(async (defer) => {
    const leaving = waitToLeave(config)
    defer(leaving.close)
    const endpoint = healthPort === undefined ? undefined : await openEndpoint(healthPort, facts, tally)
    defer(() => endpoint?.close())
    const store = openStore(storageSettings(process.env))
    defer(() => store.close())
    // A worker that cannot write would fail what it is given, and the runs with it.
    await unlessAsked(leaving, store.probe())
    const engine = options.engine ?? (await unlessAsked(leaving, workerEngine(), (late) => late.close()))
    if (!options.engine) defer(() => within(ENGINE_MS, engine.close(), () => {}))
    const pool = createPool({ slots: facts.slots.leaf, worker: facts.name, ...(programs && { programs }) })
    defer(() => pool.close())
    // The first of its processes are up when work comes.
    const [first] = experiments
    if (config.doesLeaf && first) pool.warm(first)

    const { name, labels, slots } = facts
    const beginning = engine.serve(tally.count(createHandlers(pool)), {
      name,
      labels,
      slots: slots.leaf,
      durableSlots: slots.fan,
      pythonFans: config.doesFan && store.uri.startsWith('s3://'),
      experiments,
      workflows,
    })
    const serving = await unlessAsked(leaving, beginning, (late) => late.close({ drain: 0 }))
    defer(() => within(drain + ENGINE_MS, serving.close({ drain }), () => {}))
    leaving.watchIdle(tally, serving)
    endpoint?.serving([
      { name: 'engine', problems: () => serving.problems() },
      { name: 'store', problems: () => store.head('scythe-health').then(() => []) },
      { name: 'pool', problems: () => pool.problems() },
    ])
    const workflowNames = workflows.map(({ name }) => name)
    say(startText({ ...facts, workflows: workflowNames, store: store.uri, healthPort: endpoint?.port }))

    defer(tellTrouble(serving))

    const leave = (reason: string) => {
      endpoint?.stopping()
      say(stopText(reason, serving.busy(), drain))
    }
    try {
      leave(await Promise.race([leaving.asked, serving.lost]))
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
async function unlessAsked<T>({ asked }: Leaving, opening: Promise<T>, close?: (late: T) => unknown): Promise<T> {
  const left = asked.then((reason): never => {
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
