import type { Engine, SubmitOptions } from '../engine/engine.js'
import { EngineUnavailableError, LabelMissingError } from '../engine/errors.js'
import { inPoolProcess, parkPoolProcess } from '../execute/role.js'
import type { Experiment } from '../experiment/experiment.js'
import type { DesiredWorkerLabels } from '../experiment/labels.js'
import type { Allocation } from '../scatter/allocation.js'
import { type RunReceipt, readRunReceipt } from '../scatter/finish.js'
import { storageSettingsOf } from '../scatter/remote/input.js'
import type { Task, TaskHandle } from '../scatter/task.js'
import type { Store } from '../store/store.js'
import { within } from '../store/within.js'
import { createReceiptCount } from './count-receipts.js'
import { defaultEngine } from './default-engine.js'
import { OptionInvalidError, RunEndedError } from './errors.js'
import { createProgressTeller, type RunProgress } from './progress.js'
import { findRoot, writeRootId } from './root.js'
import type { ResultTable, Run } from './run.js'
import { createLook, untilReceipt } from './watch.js'

export interface StartOptions {
  /** Where to run it. Default: what `SCYTHE_ENGINE` says. */
  readonly engine?: Engine
  /**
   * Hears of specs as they are done: at the start; then several times a second where they run in this process, elsewhere every two
   * seconds, while `result()` is waited for.
   */
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

/** In this process no other worker will come: a label that is missing is refused. Throws `LabelMissingError`. */
export async function checkLabels(engine: Engine, experiment: string, labels: DesiredWorkerLabels): Promise<void> {
  const missing = engine.name === 'local' ? await engine.lacking(experiment, labels) : []
  if (missing.length > 0) throw new LabelMissingError(experiment, missing)
}

/** Others find tasks on a Hatchet engine, and put what they give into a bucket. */
export function checkRemote(engine: Engine, store: Store, experiment: string): void {
  if (engine.name === 'local') {
    const reason = `${experiment} is a remote experiment, which needs Hatchet: set HATCHET_CLIENT_TOKEN.`
    throw new EngineUnavailableError(engine.name, reason)
  }
  if (!storageSettingsOf(store)) {
    throw new OptionInvalidError('store', store.uri, `s3://bucket/prefix, since ${experiment} is a remote experiment`)
  }
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
  const remote = allocation.remote !== undefined
  if (remote) checkRemote(engine, store, allocation.experiment_name)
  await checkLabels(engine, allocation.experiment_name, labels)
  const task: Task = {
    kind: 'fan',
    store: store.uri,
    run: run.id,
    experiment: allocation.experiment_name,
    labels,
    start: 0,
    end: allocation.specs,
    depth: 0,
    remote,
  }
  const folder = within(store, run.id)
  const done = await readRunReceipt(folder)
  const count = createReceiptCount(folder, allocation.specs)
  const progress = createProgressTeller(allocation.specs, done ?? (await count()), options.onProgress)
  const handle = done ? ENDED : await joinOrSubmit(engine, folder, task, { onProgress: progress.reported })
  options.onProgress?.(progress.now)
  const elsewhere = engine.name !== 'local' && options.onProgress !== undefined
  const look = elsewhere ? createLook(engine, task, count, progress) : undefined
  let result: Promise<RunResult> | undefined

  async function wait(): Promise<RunResult> {
    const settled = new AbortController()
    try {
      const receipt = await Promise.race([untilEnd(folder, run.id, handle), untilReceipt(folder, look, settled.signal)])
      progress.counted(receipt)
      const { specs, results, errors } = receipt
      return { run: run.id, specs, results, errors, tables: await run.results }
    } finally {
      settled.abort()
    }
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

/** The root that the run has under way on the engine, whoever handed it over, else a new one: two would run batches twice. */
async function joinOrSubmit(engine: Engine, folder: Store, task: Task, options: SubmitOptions): Promise<Root> {
  const found = await findRoot(engine, folder, task.run)
  if (found?.state === 'running') return found.join(options)
  const handle = await engine.submit(task, options)
  // Without it, whoever resumes the run hands over another root: batches may run twice, and their rows count once.
  if (engine.find) await writeRootId(folder, handle.id).catch(() => {})
  return handle
}

type Root = Pick<TaskHandle, 'done' | 'cancel'>

/** The root of a run that is done already. */
const ENDED: Root = { done: Promise.resolve(), cancel: async () => {} }

/** The run's receipt when its root has ended. What an engine says may be late or wrong, so the receipt alone is believed. */
async function untilEnd(folder: Store, run: string, root: Root): Promise<RunReceipt> {
  const failure = await root.done.then(
    () => new RunEndedError(run),
    (error: unknown) => error,
  )
  const receipt = await readRunReceipt(folder).catch(() => undefined)
  if (receipt) return receipt
  throw failure
}
