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
  /**
   * A registered function or a workflow, or the name of an experiment or of an included workflow.
   */
  readonly runnable: R | string
  /** The folder of the runs in the store. Default: the name of the experiment. */
  readonly runName?: string
  /**
   * The store of the runs, or its address: `s3://bucket/prefix` or a folder. Default: the store
   * that `SCYTHE_STORAGE_…` names.
   */
  readonly store?: Store | string
}

export interface AllocateOptions extends StartOptions {
  /**
   * The version of the run: `bumpmajor` (default), `bumpminor`, `bumppatch`, `keep`, or an exact
   * `v1.2.3`.
   */
  readonly version?: VersionStrategy | (string & {})
  /**
   * The tree of fans: `factor` children each, `maxDepth` (0 to 10, default 0) levels below the
   * root. Default: chosen by the number of specs.
   */
  readonly recursionMap?: { readonly factor: number; readonly maxDepth?: number }
  /**
   * Number of specs in a batch. Default: the experiment's, else chosen so that a batch takes about
   * five seconds.
   */
  readonly batch?: number
  /**
   * Stops the allocation, and leaves nothing of it. Once the run is started, `ref.cancel()` stops
   * it.
   */
  readonly signal?: AbortSignal
}

/** A spec as the input schema takes it. Fields with defaults may be left out. */
export type SpecOf<R extends Runnable> =
  R extends Takes<infer Spec>
    ? Spec
    : R extends ExperimentFunction
      ? Parameters<R>[0]
      : R extends { runMany(runs: { input: infer Input }[]): unknown }
        ? Input
        : unknown

/** The specs that `allocate` takes: one spec or many; for a workflow, one. */
export type SpecsOf<R extends Runnable> =
  | SpecOf<R>
  | (R extends ExperimentFunction | RemoteExperiment<unknown> ? Iterable<SpecOf<R>> | AsyncIterable<SpecOf<R>> : never)

/** The handle of a run in flight: of an experiment, or of a workflow. */
export type RefOf<R extends Runnable> = [R] extends [IncludedWorkflow]
  ? WorkflowRef<R extends { runMany(...args: never): Promise<(infer Output)[]> } ? Output : unknown>
  : RunRef

/**
 * An experiment or a workflow, and its runs in a store.
 *
 * @example
 * ```ts
 * const study = new BaseExperiment({ runnable: simulateEnergy, store: 's3://bucket/studies' })
 * const { run, ref } = await study.allocate([{ rValue: 2 }, { rValue: 3 }])
 * const { results, errors } = await ref.result()
 * console.log(run.id, results, errors)
 * ```
 */
export class BaseExperiment<R extends Runnable = ExperimentFunction> {
  /** The name of the experiment on the engine. */
  readonly name: string
  /** The folder of the runs in the store. */
  readonly baseId: string
  /** The store of the runs. */
  readonly store: Store
  readonly #runnable: Experiment | IncludedWorkflow

  /**
   * @throws `EXPERIMENT_UNKNOWN` if no experiment or workflow has the name.
   * @throws `OPTION_INVALID` if `runName` cannot be the name of a folder.
   * @throws `SETTINGS_INVALID` if there is no `store`, and `SCYTHE_STORAGE_…` does not name one.
   */
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
   * Makes a run of specs and starts it. All specs are validated first: if one does not fit, nothing
   * is started and nothing is stored.
   *
   * A workflow takes one spec, needs an engine that has workflows, and its result is the output of
   * the workflow. Of the options only `version` and `engine` apply to it.
   *
   * @example
   * ```ts
   * const study = new BaseExperiment({ runnable: simulateEnergy, store: './results' })
   * const specs = Array.from({ length: 1000 }, (_, i) => ({ rValue: 1 + i / 250 }))
   * const { run, ref } = await study.allocate(specs, { version: 'bumpminor' })
   * await ref.result()
   * for await (const { rValue, load } of run.rows('scalars')) console.log(rValue, load)
   * ```
   *
   * @param specs One spec, or any iterable of specs, also an async one, of any length.
   * @throws `SPECS_INVALID` if specs do not fit the input; its `problems` are the first ten.
   * @throws `SPECS_MISSING` if there are none.
   * @throws `OPTION_INVALID` and `VERSION_INVALID` if an option cannot have its value.
   * @throws `LABEL_MISSING` if the engine runs in this process and lacks what the experiment needs.
   * @throws `ENGINE_UNAVAILABLE` or `STORE_UNUSABLE` if one cannot be reached; nothing is left
   * behind.
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
    // These checks come first: a run that no engine takes must not be left behind, nor the folder
    // of its store.
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

  /** Returns the versions that have runs, as `v1.2.3`, oldest first. */
  async listVersions(): Promise<string[]> {
    const versions = await listVersionFolders(this.store, this.baseId)
    return [...new Set(versions.map(({ version }) => formatVersion(version)))]
  }

  /** Returns the latest version that has a run, or `undefined` if there is none. */
  async latestVersion(): Promise<string | undefined> {
    return (await this.listVersions()).at(-1)
  }

  /**
   * Returns the latest run of the latest version, or of one version; `undefined` if there is none.
   * Allocations that did not end do not count.
   *
   * @param version Such as `v1.2.3`. Default: the latest version that has a run.
   * @throws `VERSION_INVALID` if it is not a version.
   */
  async latestRun(version?: string): Promise<Run | undefined> {
    const { store } = this
    const wanted = version && readVersion(version)
    const runs = await listRuns(store, this.baseId)
    const latest = runs.findLast((run) => run.complete && (!wanted || compareVersions(run.version, wanted) === 0))
    return latest && openRun(store, latest.id)
  }

  /**
   * Returns the tables of the latest run by name; `undefined` if there is no run.
   *
   * @throws `RUN_NOT_DONE` if the run has no final tables yet.
   */
  async latestResults(version?: string): Promise<Record<string, ResultTable> | undefined> {
    return (await this.latestRun(version))?.results()
  }
}

/** Options of `allocate`: those of the experiment and those of the run. */
export interface AllocateNowOptions<R extends Runnable>
  extends AllocateOptions,
    Omit<BaseExperimentOptions<R>, 'runnable'> {}

/**
 * Makes a run of specs and starts it: `new BaseExperiment({ runnable }).allocate(specs)` in one
 * call, with the same errors.
 *
 * @example
 * ```ts
 * const specs = [{ rValue: 2 }, { rValue: 3 }]
 * const { run, ref } = await allocate(simulateEnergy, specs, { store: './results' })
 * await ref.result()
 * console.log(await run.results())
 * ```
 */
export function allocate<R extends Runnable>(
  runnable: R,
  specs: SpecsOf<R>,
  { runName, store, ...options }: AllocateNowOptions<R> = {},
): Promise<{ run: Run; ref: RefOf<R> }> {
  const place = { ...(runName !== undefined && { runName }), ...(store !== undefined && { store }) }
  return new BaseExperiment<R>({ runnable, ...place }).allocate(specs, options)
}

function find(runnable: Runnable | string): Experiment | IncludedWorkflow {
  if (typeof runnable === 'object') return runnable
  return ExperimentRegistry.workflows().find(({ name }) => name === runnable) ?? ExperimentRegistry.get(runnable)
}

/**
 * Returns the registered experiment in place of a remote one, if an engine can only run what this
 * process has registered.
 */
function hereOrRemote(engine: Engine, experiment: Experiment): Experiment {
  if (engine.abilities.specTasks || !isRemote(experiment)) return experiment
  return ExperimentRegistry.list().find(({ name }) => name === experiment.name) ?? experiment
}

function checkCount(option: string, value: number | undefined, min: number, max = Number.MAX_SAFE_INTEGER) {
  if (value === undefined || (Number.isSafeInteger(value) && value >= min && value <= max)) return
  const range = max < Number.MAX_SAFE_INTEGER ? `from ${min} to ${max}` : `of ${min} or more`
  throw new OptionInvalidError(option, value, `a whole number ${range}`)
}
