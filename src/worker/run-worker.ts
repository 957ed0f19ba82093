import type { Engine } from '../engine/engine.js'
import { createPool } from '../execute/processes.js'
import type { Experiment } from '../experiment/experiment.js'
import { ExperimentRegistry, type IncludedWorkflow } from '../experiment/registry.js'
import { workerEngine } from '../run/default-engine.js'
import { createHandlers } from '../scatter/handlers.js'
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
  const workflows = [...ExperimentRegistry.workflows(), ...additionalWorkflows]
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
    const engine = options.engine ?? (await openEngine(leaving))
    if (!engine) return
    if (!options.engine) defer(() => atMost(ENGINE_MS, engine.close()))
    const pool = createPool({ slots: facts.slots.leaf, worker: facts.name, ...(programs && { programs }) })
    defer(() => pool.close())
    // The first of its processes are up when work comes.
    const [first] = experiments
    if (config.doesLeaf && first) pool.warm(first)

    const { name, labels, slots } = facts
    const serving = await engine.serve(tally.count(createHandlers(pool)), {
      name,
      labels,
      slots: slots.leaf,
      durableSlots: slots.fan,
      pythonFans: config.doesFan && store.uri.startsWith('s3://'),
      experiments,
      workflows,
    })
    defer(() => atMost(drain + ENGINE_MS, serving.close({ drain })))
    leaving.watchIdle(tally, serving)
    endpoint?.serving([
      { name: 'engine', problems: () => serving.problems() },
      { name: 'store', problems: () => store.head('scythe-health').then(() => []) },
      { name: 'pool', problems: () => pool.problems() },
    ])
    say(startText({ ...facts, store: store.uri, healthPort: endpoint?.port }))

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

/** `undefined` where the worker is to leave before there is one. */
async function openEngine({ asked }: Leaving): Promise<Engine | undefined> {
  const opening = workerEngine()
  const engine = await Promise.race([opening, asked.then(() => undefined)])
  if (!engine) opening.then((late) => late.close()).catch(() => {})
  return engine
}

function nothingToDo(): SettingsInvalidError {
  const expected = 'modules that register experiments, since this worker runs experiments only and there is none'
  return new SettingsInvalidError([
    { variable: 'SCYTHE_WORKER_EXPERIMENTS', value: process.env.SCYTHE_WORKER_EXPERIMENTS, expected },
  ])
}

/** What takes longer than that is not waited for. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, over]).finally(() => clearTimeout(timer))
}
