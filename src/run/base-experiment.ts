import { createHeed } from '../async/promises.js'
import type { Engine } from '../engine/engine.js'
import { inPoolProcess, parkPoolProcess } from '../execute/child/pool-process.js'
import type { Experiment, ExperimentFunction } from '../experiment/experiment.js'
import { fileNameProblem } from '../experiment/names.js'
import { ExperimentRegistry, type IncludedWorkflow, type Takes } from '../experiment/registry.js'
import { isRemote, type RemoteExperiment } from '../experiment/remote.js'
import type { RecursionMap } from '../scatter/plan.js'
import type { ResultTable } from '../scatter/run-reader.js'
import { configuredStore } from '../store/configured.js'
import { UNFINISHED } from '../store/key.js'
import { openStore } from '../store/open.js'
import type { Store } from '../store/store.js'
import { allocateRun } from './allocate.js'
import { defaultEngine } from './default-engine.js'
import { OptionInvalidError } from './errors.js'
import { listRuns, listVersionFolders } from './list-runs.js'
import { openRun, type Run } from './run.js'
import { checkLabels, checkRemote, type RunRef, type StartOptions, startRun } from './run-ref.js'
import { compareVersions, formatVersion, readVersion, type VersionStrategy } from './versions.js'
import { runWorkflow, type WorkflowRef } from './workflow.js'
import { isIterable } from './write-specs.js'

const NEXT = 'bumpmajor'

/** A registered function, an experiment that others serve, or a Hatchet workflow or task. */
export type Runnable = ExperimentFunction | RemoteExperiment<unknown> | IncludedWorkflow

export interface BaseExperimentOptions<R extends Runnable> {
  /** A registered function or a workflow; or the name of an experiment, or of an included workflow. */
  readonly runnable: R | string
  /** The folder that the experiment's runs lie in. Default: its name on the wire. */
  readonly runName?: string
  /** Where runs live: a store, or its address (`s3://bucket/prefix`, a folder). Default: what `SCYTHE_STORAGE_…` says. */
  readonly store?: Store | string
}

export interface AllocateOptions extends StartOptions {
  /** `bumpmajor` (default), `bumpminor`, `bumppatch`, `keep`, or an exact `v1.2.3`. */
  readonly version?: VersionStrategy | (string & {})
  /** How fans are laid out: `factor` children each, `maxDepth` (0 to 10) levels below the root. Default: chosen from the count. */
  readonly recursionMap?: { readonly factor: number; readonly maxDepth?: number }
  /** Specs in a batch. Default: the experiment's, else chosen so that one takes about five seconds. */
  readonly batch?: number
  /** Stops allocating: nothing is left of it. Once the run is started, `cancel()` of its ref stops it. */
  readonly signal?: AbortSignal
}

/** A spec as it is handed in: what the input schema takes. Of a decorated method only what it gets is known. */
export type SpecOf<R extends Runnable> =
  R extends Takes<infer Spec>
    ? Spec
    : R extends ExperimentFunction
      ? Parameters<R>[0]
      : R extends { runMany(runs: { input: infer Input }[]): unknown }
        ? Input
        : unknown

/** What `allocate` takes: one spec or many; of a workflow one. */
export type SpecsOf<R extends Runnable> =
  | SpecOf<R>
  | (R extends ExperimentFunction | RemoteExperiment<unknown> ? Iterable<SpecOf<R>> | AsyncIterable<SpecOf<R>> : never)

/** A run under way: of an experiment's specs, or of a workflow. */
export type RefOf<R extends Runnable> = [R] extends [IncludedWorkflow]
  ? WorkflowRef<R extends { runMany(...args: never): Promise<(infer Output)[]> } ? Output : unknown>
  : RunRef

/** An experiment, or a workflow, and the runs there are of it. */
export class BaseExperiment<R extends Runnable = ExperimentFunction> {
  /** Its name on the wire. */
  readonly name: string
  /** The folder of its runs in the store. */
  readonly baseId: string
  /** Where its runs live. */
  readonly store: Store
  readonly #runnable: Experiment | IncludedWorkflow

  constructor({ runnable, runName, store }: BaseExperimentOptions<R>) {
    this.#runnable = find(runnable)
    this.name = this.#runnable.name
    this.baseId = runName ?? this.name
    for (const name of this.baseId.split('/')) {
      const expected = fileNameProblem(name) ?? (name === UNFINISHED ? 'another name' : undefined)
      if (expected)
        throw new OptionInvalidError('runName', runName, `one or more folders' names, joined by /, each ${expected}`)
    }
    this.store = typeof store === 'object' ? store : openStore(store ?? configuredStore(process.env))
  }

  /**
   * Makes a run of specs and starts it: one spec, or any iterable of them, of any length. Specs are validated first, so
   * `SpecsInvalidError` (the first ten problems and the count) means that nothing was started and nothing is left.
   *
   * A workflow takes one spec at a time, needs a Hatchet engine, and its result is the workflow's output; of the options only
   * `version` and `engine` mean something to it.
   */
  async allocate(specs: SpecsOf<R>, options: AllocateOptions = {}): Promise<{ run: Run; ref: RefOf<R> }> {
    if (inPoolProcess()) return parkPoolProcess()
    const runnable = this.#runnable
    const engine = options.engine ?? (await defaultEngine())
    const started =
      'definition' in runnable
        ? await runWorkflow(engine, this.store, this.baseId, runnable, specs, options.version ?? NEXT)
        : await this.#runSpecs(hereOrRemote(engine, runnable), specs, { ...options, engine })
    return started as { run: Run; ref: RefOf<R> }
  }

  async #runSpecs(
    experiment: Experiment,
    specs: unknown,
    options: AllocateOptions & { readonly engine: Engine },
  ): Promise<{ run: Run; ref: RunRef }> {
    const { version = NEXT, batch, recursionMap, engine, signal } = options
    if (isRemote(experiment)) checkRemote(engine, this.store, experiment.name)
    checkCount('batch', batch, 1)
    checkCount('recursionMap.factor', recursionMap?.factor, 1)
    checkCount('recursionMap.maxDepth', recursionMap?.maxDepth, 0, 10)
    await checkLabels(engine, experiment.name, experiment.desiredWorkerLabels)

    const many = isIterable(specs)
    if (many) engine.prepare(experiment)
    const { store } = this
    // First of all: a run that no engine takes is not to be left behind, nor is the store's folder.
    const heed = createHeed(signal)
    await heed(engine.checkReachable())
    await heed(store.probe())
    const layout = {
      version,
      batch,
      recursionMap:
        recursionMap && ({ factor: recursionMap.factor, maxDepth: recursionMap.maxDepth ?? 0 } satisfies RecursionMap),
    }
    const list = many ? specs : [specs]
    const { run, allocation } = await allocateRun(store, this.baseId, experiment, list, layout, !many, signal)
    return { run, ref: await startRun(store, run, allocation, experiment, options) }
  }

  /** The versions there are, oldest first, as `v1.2.3`. */
  async listVersions(): Promise<string[]> {
    const versions = await listVersionFolders(this.store, this.baseId)
    return [...new Set(versions.map(({ version }) => formatVersion(version)))]
  }

  async latestVersion(): Promise<string | undefined> {
    return (await this.listVersions()).at(-1)
  }

  /** The latest run of the latest version that has one, or of `version`. Allocations that did not end are passed over. */
  async latestRun(version?: string): Promise<Run | undefined> {
    const { store } = this
    const wanted = version && readVersion(version)
    const runs = await listRuns(store, this.baseId)
    const latest = runs.findLast((run) => run.complete && (!wanted || compareVersions(run.version, wanted) === 0))
    return latest && openRun(store, latest.id)
  }

  /** The final tables of the latest run, by name. Throws `RunNotDoneError` where it is not done. */
  async latestResults(version?: string): Promise<Record<string, ResultTable> | undefined> {
    return (await this.latestRun(version))?.results()
  }
}

function find(runnable: Runnable | string): Experiment | IncludedWorkflow {
  if (typeof runnable === 'object') return runnable
  return ExperimentRegistry.workflows().find(({ name }) => name === runnable) ?? ExperimentRegistry.get(runnable)
}

/** Returns the registered experiment in place of a remote one, if an engine can only run what this process has. */
function hereOrRemote(engine: Engine, experiment: Experiment): Experiment {
  if (engine.abilities.specTasks || !isRemote(experiment)) return experiment
  return ExperimentRegistry.list().find(({ name }) => name === experiment.name) ?? experiment
}

function checkCount(option: string, value: number | undefined, min: number, max = Number.MAX_SAFE_INTEGER) {
  if (value === undefined || (Number.isSafeInteger(value) && value >= min && value <= max)) return
  const range = max < Number.MAX_SAFE_INTEGER ? `from ${min} to ${max}` : `of ${min} or more`
  throw new OptionInvalidError(option, value, `a whole number ${range}`)
}
