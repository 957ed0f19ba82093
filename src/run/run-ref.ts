import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from '../engine/engine.js'
import { LabelMissingError } from '../engine/errors.js'
import { inPoolProcess, parkPoolProcess } from '../execute/role.js'
import type { Experiment } from '../experiment/experiment.js'
import type { DesiredWorkerLabels } from '../experiment/labels.js'
import type { Allocation } from '../scatter/allocation.js'
import { type RunReceipt, readRunReceipt } from '../scatter/finish.js'
import type { Progress, Task, TaskHandle } from '../scatter/task.js'
import type { Store } from '../store/store.js'
import { within } from '../store/within.js'
import { defaultEngine } from './default-engine.js'
import type { ResultTable, Run } from './run.js'

/** Specs of a run that are done, of all there are; errors among them. */
export interface RunProgress {
  readonly specs: number
  readonly done: number
  readonly errors: number
}

export interface StartOptions {
  /** Where to run it. Default: what `SCYTHE_ENGINE` says. */
  readonly engine?: Engine
  /** Hears of specs as they are done, several times a second. */
  onProgress?(progress: RunProgress): void
}

/** What a run came to. `specs = results + errors`. */
export interface RunResult {
  readonly run: string
  readonly specs: number
  readonly results: number
  readonly errors: number
  readonly tables: Readonly<Record<string, ResultTable>>
}

/** A run under way. */
export interface RunRef {
  readonly run: Run
  /** Settles when every spec is accounted for. Rejects where the run ended without that, or was stopped; resume it then. */
  result(): Promise<RunResult>
  /** Stops it within seconds. What is done stays done. */
  cancel(): Promise<void>
}

/** How often the store is asked whether the run is done, whatever the engine says. */
const POLL_MS = 5_000

/** In this process no other worker will come: a label that is missing is refused. Throws `LabelMissingError`. */
export async function checkLabels(engine: Engine, experiment: string, labels: DesiredWorkerLabels): Promise<void> {
  const missing = engine.name === 'local' ? await engine.lacking(experiment, labels) : []
  if (missing.length > 0) throw new LabelMissingError(experiment, missing)
}

/** Hands a run's root task to an engine. */
export async function startRun(
  store: Store,
  run: Run,
  allocation: Allocation,
  experiment: Experiment | undefined,
  options: StartOptions = {},
): Promise<RunRef> {
  if (inPoolProcess()) return parkPoolProcess()
  const engine = options.engine ?? (await defaultEngine())
  const labels = experiment?.desiredWorkerLabels ?? allocation.desired_worker_labels
  await checkLabels(engine, allocation.experiment_name, labels)
  const before = await run.status()
  const task: Task = {
    kind: 'fan',
    store: store.uri,
    run: run.id,
    experiment: allocation.experiment_name,
    labels,
    start: 0,
    end: allocation.specs,
    depth: 0,
  }
  const progress = countProgress(before, options.onProgress)
  const handle = await engine.submit(task, { onProgress: progress })
  return createRef(store, run, handle)
}

function createRef(store: Store, run: Run, handle: TaskHandle): RunRef {
  const folder = within(store, run.id)
  let result: Promise<RunResult> | undefined

  async function wait(): Promise<RunResult> {
    const receipt = await Promise.race([handle.done.then(() => readRunReceipt(folder)), seen(folder, handle)])
    if (!receipt) throw new Error(`The root task of ${run.id} ended without the run's receipt.`)
    const tables = await run.results
    return { run: run.id, specs: receipt.specs, results: receipt.results, errors: receipt.errors, tables }
  }

  return {
    run,
    result() {
      result ??= wait()
      return result
    },
    cancel: () => handle.cancel(),
  }
}

/** The run's receipt, once it is there: an engine's notice may be lost. */
async function seen(folder: Store, handle: TaskHandle): Promise<RunReceipt | undefined> {
  const ended = handle.done.then(
    () => true,
    () => true,
  )
  for (;;) {
    if (await Promise.race([ended, sleep(POLL_MS, false, { ref: false })])) return new Promise(() => {})
    const receipt = await readRunReceipt(folder).catch(() => undefined)
    if (receipt) return receipt
  }
}

/** Adds up what batches report, on top of what was done before. */
function countProgress(
  before: { readonly specs: number; readonly results: number; readonly errors: number },
  onProgress: StartOptions['onProgress'],
) {
  const batches = new Map<number, Progress>()
  let done = before.results + before.errors
  let errors = before.errors
  return (progress: Progress) => {
    const known = batches.get(progress.start)
    batches.set(progress.start, progress)
    done += progress.done - (known?.done ?? 0)
    errors += progress.errors - (known?.errors ?? 0)
    onProgress?.({ specs: before.specs, done, errors })
  }
}
