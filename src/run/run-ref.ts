import { withTimeout as withinTime } from '../async/promises.js'
import type { Engine, SubmitOptions } from '../engine/engine.js'
import { EngineUnavailableError, LabelMissingError } from '../engine/errors.js'
import { inPoolProcess, parkPoolProcess } from '../execute/child/pool-process.js'
import type { Experiment } from '../experiment/experiment.js'
import type { DesiredWorkerLabels } from '../experiment/labels.js'
import { ExperimentRegistry } from '../experiment/registry.js'
import type { Allocation } from '../scatter/allocation.js'
import { type RunReceipt, readRunReceipt } from '../scatter/finish.js'
import { storageSettingsOf } from '../scatter/remote/input.js'
import type { ResultTable } from '../scatter/run-reader.js'
import { checkSchemas } from '../scatter/schemas.js'
import type { Task, TaskHandle } from '../scatter/task.js'
import { BRIEF, enduring, NONE, type Patience } from '../store/patience.js'
import { s3Backend } from '../store/s3-backend.js'
import { scopedStore } from '../store/scoped-store.js'
import type { Store } from '../store/store.js'
import { listenToTroubles } from '../store/troubles.js'
import { checkCode } from './changed-code.js'
import { createReceiptCount } from './count-receipts.js'
import { defaultEngine } from './default-engine.js'
import { OptionInvalidError, RunEndedError } from './errors.js'
import { needsOf } from './lacking.js'
import { checkParts, reopenIfDamaged } from './mend.js'
import { createProgressTeller, type RunProgress } from './progress.js'
import { findRoot, writeRootId } from './root-task.js'
import type { Run } from './run.js'
import { createLook, untilReceipt } from './watch.js'

export interface StartOptions {
  /** The engine to run on. Default: the engine that `SCYTHE_ENGINE` names. */
  readonly engine?: Engine
  /**
   * Receives the run's progress: at the start, then several times a second if specs run in this
   * process. If they run elsewhere: every two seconds while `result()` is awaited.
   */
  onProgress?(progress: RunProgress): void
}

export interface ResumeOptions extends StartOptions {
  /**
   * Whether all tables and parts are verified against their checksums first, however large they
   * are. Default: no.
   */
  readonly verify?: boolean
  /**
   * Whether to resume although the code has changed since the run was allocated. Receipts record
   * which code made which rows. Default: no. If the run is not in this process, the code is that of
   * the workers.
   */
  readonly changedCode?: boolean
}

/** The result of a run: `specs = results + errors`. */
export interface RunResult {
  readonly run: string
  readonly specs: number
  readonly results: number
  readonly errors: number
  readonly tables: Readonly<Record<string, ResultTable>>
  /**
   * Fields that functions returned and the output does not name, which are lost. Absent if there
   * are none.
   */
  readonly undeclared?: readonly string[]
}

/** The handle of a run in flight. */
export interface RunRef {
  readonly run: Run
  /**
   * Resolves when every spec is accounted for. Rejects if the run ended before that, or was
   * stopped; the run can then be resumed.
   */
  result(): Promise<RunResult>
  /** Stops the run within seconds. Rows that are stored are kept. */
  cancel(): Promise<void>
}

/**
 * Rejects with `LabelMissingError` if a label is missing on an engine that no other worker can
 * join.
 */
export async function checkLabels(engine: Engine, experiment: string, labels: DesiredWorkerLabels): Promise<void> {
  const missing = engine.abilities.outlivesProcess ? [] : await engine.lacking({ experiment, labels })
  if (missing.length > 0) throw new LabelMissingError(experiment, missing)
}

/**
 * Throws if an engine has no tasks of single specs, or if other workers cannot write to a store.
 */
export function checkRemote(engine: Engine, store: Store, experiment: string): void {
  if (!engine.abilities.specTasks) {
    const reason = `${experiment} is a remote experiment, which needs Hatchet: set HATCHET_CLIENT_TOKEN.`
    throw new EngineUnavailableError(engine.name, reason)
  }
  if (!storageSettingsOf(store)) {
    throw new OptionInvalidError('store', store.uri, `${s3Backend.form}, since ${experiment} is a remote experiment`)
  }
}

/** Submits a run's root task to an engine, or joins the root task that is there. */
export async function startRun(
  store: Store,
  run: Run,
  allocation: Allocation,
  experiment: Experiment | undefined,
  options: ResumeOptions = {},
): Promise<RunRef> {
  if (inPoolProcess()) return parkPoolProcess()
  const engine = options.engine ?? (await defaultEngine())
  const needs = needsOf(allocation, experiment?.desiredWorkerLabels)
  if (needs.remote) checkRemote(engine, store, allocation.experiment_name)
  await checkLabels(engine, allocation.experiment_name, needs.labels)
  // On other engines, there may be workers that have the experiment as the run needs it.
  if (!engine.abilities.outlivesProcess) checkSchemas(allocation)
  const task: Task = {
    ...needs,
    kind: 'fan',
    store: store.uri,
    run: run.id,
    start: 0,
    end: allocation.specs,
    depth: 0,
  }
  const folder = scopedStore(store.patient(enduring()), run.id)
  const done = await readDone(folder, allocation, options.verify ?? false)
  // The module that the run names is not imported: the code is the code of this process.
  if (!done && !engine.abilities.outlivesProcess) {
    const own = experiment ?? ExperimentRegistry.get(allocation.experiment_name)
    if (!options.changedCode) await checkCode(allocation, own)
  }
  const count = createReceiptCount(folder, allocation.specs)
  const progress = createProgressTeller(allocation.specs, done ?? (await count()), options.onProgress)
  const handle = done ? ENDED : await joinOrSubmit(engine, folder, task, { onProgress: progress.reported })
  options.onProgress?.(progress.now)
  const elsewhere = engine.abilities.outlivesProcess && options.onProgress !== undefined
  const look = elsewhere ? createLook(engine, task, count, progress) : undefined
  const stop = new AbortController()
  let result: Promise<RunResult> | undefined

  async function wait(): Promise<RunResult> {
    const settled = new AbortController()
    const signal = AbortSignal.any([settled.signal, stop.signal])
    const folderFor = (patience: Patience) => scopedStore(store.patient(patience), run.id)
    const folder = folderFor(enduring(signal))
    const deaf = listenToTroubles(({ store: away, reason }, over) => {
      if (away === store.uri) progress.away(over ? undefined : reason)
    })
    try {
      const ended = untilEnd(run.id, handle, signal, (patience) => readRunReceipt(folderFor(patience)))
      const receipt = await Promise.race([ended, untilReceipt(folder, look, settled.signal)])
      deaf()
      progress.ended(receipt)
      const { specs, results, errors, undeclared } = receipt
      const tables = tablesOf(folder, receipt)
      return { run: run.id, specs, results, errors, tables, ...(undeclared && { undeclared }) }
    } finally {
      deaf()
      settled.abort()
    }
  }

  return {
    run,
    result() {
      result ??= wait()
      return result
    },
    cancel() {
      stop.abort()
      return handle.cancel()
    },
  }
}

/**
 * Reads the receipt of a run that is done. Resolves with `undefined` if it is not done, or damaged.
 */
async function readDone(folder: Store, { specs }: Allocation, verify: boolean): Promise<RunReceipt | undefined> {
  const done = await readRunReceipt(folder)
  if (done) return (await reopenIfDamaged(folder, done, verify)) ? undefined : done
  if (verify) await checkParts(folder, specs)
  return undefined
}

/**
 * Joins the root of the run that is in flight on the engine, else submits a root: two roots would
 * run batches twice.
 */
async function joinOrSubmit(engine: Engine, folder: Store, task: Task, options: SubmitOptions): Promise<Root> {
  const found = await findRoot(engine, folder, task.run)
  if (found?.state === 'running') return found.join(options)
  const handle = await engine.submit(task, options)
  // Without the id, resuming the run submits another root: batches may run twice, and their rows
  // count once.
  if (engine.abilities.joins) await writeRootId(folder, handle.id).catch(() => {})
  return handle
}

type Root = Pick<TaskHandle, 'done' | 'cancel'>

/** The root of a run that was already done. */
const ENDED: Root = { done: Promise.resolve({ id: '', status: 'returned', value: null }), cancel: async () => {} }

/** Time limit for reading the receipt of a run that was stopped, in ms. */
const LAST_LOOK_MS = 2_000

/**
 * Resolves with the run's receipt when its root has ended. An engine may be late or wrong, so only
 * the receipt counts. The less likely a receipt is, the shorter an unreachable store is waited for.
 */
async function untilEnd(
  run: string,
  root: Root,
  signal: AbortSignal,
  look: (patience: Patience) => Promise<RunReceipt | undefined>,
): Promise<RunReceipt> {
  const end = await root.done
  const nothing = () => undefined
  let receipt: RunReceipt | undefined
  if (end.status === 'returned') receipt = await look(enduring(signal))
  else if (end.status === 'cancelled') {
    receipt = await withinTime(LAST_LOOK_MS, look(NONE), nothing).catch(nothing)
  } else receipt = await look({ ...BRIEF, signal }).catch(nothing)
  if (receipt) return receipt
  throw end.status === 'returned' ? new RunEndedError(run) : end.error
}

function tablesOf(folder: Store, { tables }: RunReceipt): Record<string, ResultTable> {
  return Object.fromEntries(
    Object.entries(tables).map(([name, { key, rows }]) => [name, { uri: folder.uriOf(key), rows }]),
  )
}
