import { withTimeout } from '../async/promises.js'
import type { Batch, Executor } from '../execute/executor.js'
import type { CodeHash, NoCodeHash } from '../execute/module/code-hash.js'
import { uniteNames } from '../experiment/undeclared.js'
import { lateWork, NONE, type Patience } from '../store/patience.js'
import type { Store } from '../store/store.js'
import { beginAttempt } from './attempt.js'
import { CountMismatchError } from './errors.js'
import { fetchInputFile, type InputSources, withinLimit } from './input-files.js'
import { type Part, type Receipt, readReceipt } from './receipt.js'
import type { RunFolder } from './run-folder.js'
import type { Task, TaskHost } from './task.js'

/** Time to wait for abandoned writes before their objects are removed, in ms. */
const LATE_MS = 5_000
/**
 * Time to wait for an unreachable store before the removal is left to the next sweep, in ms. Nobody
 * waits for it.
 */
const LATER_MS = 60_000

/** The code that a worker has of an experiment. */
export interface Code {
  readonly experiment: Batch['experiment']
  /** The time limit of one spec of the experiment, in ms. Absent if it is not known. */
  readonly executionTimeout?: number
  /** The hash that tells this version of the code from others. */
  readonly hash?: Promise<CodeHash | NoCodeHash>
}

/** Runs a batch. Its rows leave the pool as parts; its receipt, written last, names the parts. */
export async function runLeaf(
  run: RunFolder,
  task: Task,
  host: TaskHost,
  executor: Executor,
  { experiment, executionTimeout, hash }: Code,
  inputs: Omit<InputSources, 'signal'>,
): Promise<Receipt> {
  const { folder, allocation } = run
  const done = await readReceipt(folder, task)
  if (done) return done

  const attempt = beginAttempt({ folder, worker: host.worker }, task)
  const tables: Record<string, Part[]> = Object.create(null)
  let undeclared: readonly string[] = []
  const batch = {
    experiment,
    experimentId: allocation.experiment_id,
    workflowRunId: host.id,
    rootWorkflowRunId: host.rootId,
    start: task.start,
    end: task.end,
    extra: allocation.extra,
    resultFiles: { attempt: attempt.id, folder: folder.uri },
  }
  const sources = { ...withinLimit(inputs, executionTimeout), signal: host.signal }
  const written: string[] = []
  const running = executor.run(batch, {
    readSpecs: run.readSpecs,
    fetchFile: (uri, path) => fetchInputFile(run, uri, path, sources),
    signal: host.signal,
    onProgress: (done, errors) => host.report({ start: task.start, end: task.end, done, errors }),
    async onRows({ parts, files, undeclared: more = [] }) {
      undeclared = uniteNames(undeclared, more)
      written.push(...files.map(({ key }) => key))
      const uploads = files.map(({ key, path }) => folder.upload(key, path))
      const puts = Object.entries(parts).map(async ([table, { bytes, rows }]) => {
        tables[table] ??= []
        const name = `${table}-${tables[table].length}`
        written.push(attempt.keyOf(name))
        tables[table].push(await attempt.put(name, bytes, rows))
      })
      await Promise.all([...uploads, ...puts])
    },
  })
  const { results, errors, seconds } = await running.catch(async (error) => {
    await discardIfBeaten(folder, task, attempt.id, written)
    throw error
  })
  const expected = task.end - task.start
  if (results + errors !== expected) {
    throw new CountMismatchError(task.run, `the batch ${task.start} to ${task.end - 1}`, expected, results + errors)
  }
  host.report({ start: task.start, end: task.end, done: expected, errors })
  const code = await hash
  const totals = {
    results,
    errors,
    seconds,
    ...(undeclared.length > 0 && { undeclared: [...undeclared] }),
    ...(code && 'hash' in code && { code: code.hash }),
  }
  const receipt = await attempt.commit(totals, tables)
  if (receipt.attempt !== attempt.id) await discard(folder, written)
  return receipt
}

/**
 * Removes the objects of a failed attempt if another attempt was faster. Without a receipt of
 * another attempt, they are left to the run's sweep.
 */
async function discardIfBeaten(folder: Store, task: Task, attempt: string, written: readonly string[]): Promise<void> {
  if (written.length === 0) return
  const receipt = await readReceipt(folder.patient(NONE), task).catch(() => undefined)
  if (receipt && receipt.attempt !== attempt) await discard(folder, written)
}

/** Removes the objects of an attempt that was slower than another: the run's sweep may be over. */
async function discard(folder: Store, written: readonly string[]): Promise<void> {
  const remove = (patience: Patience) => folder.patient(patience).delete(written)
  const removeLater = () => void remove({ limit: LATER_MS, refusals: true }).catch(() => {})
  // An abandoned write may still reach the store.
  const late = lateWork()
  if (late) {
    void late.then(removeLater)
    await withTimeout(LATE_MS, late, () => {})
  }
  await remove(NONE).catch(removeLater)
}
