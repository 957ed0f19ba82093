import { inPoolProcess, parkPoolProcess } from '../execute/role.js'
import type { Experiment, ExperimentFunction } from '../experiment/experiment.js'
import { ExperimentRegistry, type Takes } from '../experiment/registry.js'
import type { RecursionMap } from '../scatter/plan.js'
import { storageSettings } from '../settings/storage.js'
import { openStore } from '../store/open.js'
import type { Store } from '../store/store.js'
import { allocateRun } from './allocate.js'
import { defaultEngine } from './default-engine.js'
import { OptionInvalidError } from './errors.js'
import { listRuns, listVersionFolders } from './list-runs.js'
import { openRun, type ResultTable, type Run } from './run.js'
import { checkLabels, type RunRef, type StartOptions, startRun } from './run-ref.js'
import { formatVersion, type VersionStrategy } from './versions.js'

export interface BaseExperimentOptions<F extends ExperimentFunction> {
  /** A registered function, or its experiment's name. */
  readonly runnable: F | string
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
}

/** A spec as it is handed in: what the input schema takes. Of a decorated method only what it gets is known. */
export type SpecOf<F extends ExperimentFunction> = F extends Takes<infer Spec> ? Spec : Parameters<F>[0]

/** An experiment and the runs there are of it. */
export class BaseExperiment<F extends ExperimentFunction = ExperimentFunction> {
  readonly experiment: Experiment
  /** The folder of its runs in the store. */
  readonly baseId: string
  /** Where its runs live. */
  readonly store: Store

  constructor({ runnable, runName, store }: BaseExperimentOptions<F>) {
    this.experiment = ExperimentRegistry.get(runnable)
    this.baseId = runName ?? this.experiment.name
    if (!/^[^/\\]+(\/[^/\\]+)*$/.test(this.baseId)) throw new OptionInvalidError('runName', runName, 'a folder name')
    this.store = typeof store === 'object' ? store : openStore(store ?? storageSettings(process.env))
  }

  /**
   * Makes a run of specs and starts it: one spec, or any iterable of them, of any length. Specs are validated first, so
   * `InvalidSpecsError` (the first ten problems and the count) means that nothing was started and nothing is left.
   */
  async allocate(
    specs: SpecOf<F> | Iterable<SpecOf<F>> | AsyncIterable<SpecOf<F>>,
    options: AllocateOptions = {},
  ): Promise<{ run: Run; ref: RunRef }> {
    if (inPoolProcess()) return parkPoolProcess()
    const { version = 'bumpmajor', batch, recursionMap } = options
    checkCount('batch', batch, 1)
    checkCount('recursionMap.factor', recursionMap?.factor, 1)
    checkCount('recursionMap.maxDepth', recursionMap?.maxDepth, 0, 10)
    const engine = options.engine ?? (await defaultEngine())
    await checkLabels(engine, this.experiment.name, this.experiment.desiredWorkerLabels)

    const many = isIterable(specs)
    if (many) engine.prepare(this.experiment)
    const { store } = this
    await store.probe()
    const layout = {
      version,
      batch,
      recursionMap:
        recursionMap && ({ factor: recursionMap.factor, maxDepth: recursionMap.maxDepth ?? 0 } satisfies RecursionMap),
    }
    const { run, allocation } = await allocateRun(
      store,
      this.baseId,
      this.experiment,
      many ? specs : [specs],
      layout,
      !many,
    )
    const ref = await startRun(store, run, allocation, this.experiment, { ...options, engine })
    return { run, ref }
  }

  /** The versions there are, oldest first, as `v1.2.3`. */
  async listVersions(): Promise<string[]> {
    const versions = await listVersionFolders(this.store, this.baseId)
    return versions.map(({ version }) => formatVersion(version))
  }

  async latestVersion(): Promise<string | undefined> {
    return (await this.listVersions()).at(-1)
  }

  /** The latest run of the latest version that has one, or of `version`. Allocations that did not end are passed over. */
  async latestRun(version?: string): Promise<Run | undefined> {
    const { store } = this
    const runs = await listRuns(store, this.baseId)
    const latest = runs.findLast((run) => run.complete && (!version || formatVersion(run.version) === version))
    return latest && openRun(store, latest.id)
  }

  /** The final tables of the latest run, by name. Throws `RunNotDoneError` where it is not done. */
  async latestResults(version?: string): Promise<Record<string, ResultTable> | undefined> {
    return (await this.latestRun(version))?.results
  }
}

function isIterable(specs: unknown): specs is Iterable<unknown> | AsyncIterable<unknown> {
  return typeof specs === 'object' && specs !== null && (Symbol.iterator in specs || Symbol.asyncIterator in specs)
}

function checkCount(option: string, value: number | undefined, min: number, max = Number.MAX_SAFE_INTEGER) {
  if (value === undefined || (Number.isSafeInteger(value) && value >= min && value <= max)) return
  const range = max < Number.MAX_SAFE_INTEGER ? `from ${min} to ${max}` : `of ${min} or more`
  throw new OptionInvalidError(option, value, `a whole number ${range}`)
}
