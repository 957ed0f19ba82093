import { rm } from 'node:fs/promises'
import { BatchCancelledError, ExperimentNotLoadedError, ProcessFailedError } from '../errors.js'
import type { Batch, BatchHost, BatchResult } from '../executor.js'
import type { Limits } from '../protocol.js'
import type { Status } from '../status-file.js'
import { type BatchState, createBatchState } from './batch-state.js'
import type { ChangeCount } from './change-counts.js'
import type { ChildProcess } from './child-process.js'
import type { ProcessExit } from './exit-cause.js'
import type { FileCache } from './file-cache.js'
import { loadInChild } from './load-in-child.js'
import { type RunEnd, type RunHost, runInChild } from './run-in-child.js'

/** The services that a pool provides to a batch. */
export interface BatchTools {
  /**
   * Resolves with a process for this batch alone, idle or new, when a slot is free. `isFresh`: the
   * process must have started no spec before. Rejects with the signal's reason.
   */
  takeProcess(signal: AbortSignal, isFresh: boolean): Promise<ChildProcess>
  /** Returns a process to the pool, alive or dead. */
  releaseProcess(child: ChildProcess): Promise<void>
  /** Modules that may register the experiment, the most likely first. */
  readonly modules: readonly string[]
  readonly files: FileCache
  /** The worker's name. */
  readonly worker: string
  /** Aborts when the pool closes. */
  readonly closing: AbortSignal
  /** The number of times that specs of this experiment changed the shared state. */
  readonly changes: ChangeCount
}

const PROGRESS_MS = 200

/**
 * Runs a batch in as many processes as it takes: if a process ends, the next one continues after
 * the last row that was sent.
 */
export async function runBatch(batch: Batch, host: BatchHost, tools: BatchTools): Promise<BatchResult> {
  const { experiment, start, end } = batch
  const { modules, worker, closing, changes } = tools
  const state = createBatchState(batch, worker)
  const files = tools.files.open((uri, path) => host.fetchFile(uri, path))
  const stop = new AbortController()
  const cancel = () => stop.abort(new BatchCancelledError(start, end, { cause: host.signal.reason ?? closing.reason }))
  for (const signal of [host.signal, closing]) {
    if (signal.aborted) cancel()
    else signal.addEventListener('abort', cancel)
  }
  const runHost: RunHost = {
    readSpecs: (row) => host.readSpecs(row),
    fetchFile: (uri) => files.get(uri),
    onLeft(rows) {
      if (rows.start === state.next) return state.recordRows(rows)
      const problem = `Rows from ${rows.start} on came in the place of those from ${state.next} on.`
      stop.abort(new ProcessFailedError(start, end, problem))
    },
    async keep(rows) {
      await host.onRows(rows)
      await Promise.all(rows.files.map(({ path }) => rm(path, { force: true })))
    },
    onStatus: progressReporter(state, host),
    fail: (reason) => stop.abort(reason),
    signal: stop.signal,
  }
  /**
   * The limits from the previous process. Those of the first process are not known before it has
   * loaded the experiment.
   */
  let limits: Limits = { executionTimeout: Infinity, retries: 0, isolation: 'slot' }

  async function runOnce(child: ChildProcess): Promise<(RunEnd | { readonly type: 'used' }) & Kept> {
    const loaded = await whileLoading(child, stop.signal, () => loadInChild(child, experiment, modules))
    if ('status' in loaded) return { type: 'exited', exit: loaded, begun: 0, seconds: 0 }
    limits = loaded
    stop.signal.throwIfAborted()
    const order = state.order(limits, changes.isMany)
    if (order.alone && child.status().begun > 0) {
      child.kill()
      return { type: 'used' }
    }
    const run = await runInChild(child, order, limits, runHost)
    runHost.onStatus(child.status())
    // With this isolation, a process runs one spec only.
    if (limits.isolation === 'spec') child.kill()
    return run
  }

  let seconds = 0
  try {
    while (!state.isComplete) {
      stop.signal.throwIfAborted()
      const child = await tools.takeProcess(stop.signal, state.order(limits, false).alone)
      let run: Awaited<ReturnType<typeof runOnce>>
      try {
        run = await runOnce(child)
      } finally {
        await tools.releaseProcess(child)
      }
      await run.kept?.catch(() => {})
      stop.signal.throwIfAborted()
      if ('seconds' in run) seconds += run.seconds
      if (run.type !== 'exited') continue
      const { exit, begun } = run
      if (exit.word?.type === 'changed') changes.add(exit.status.sortIndex, exit.word.what)
      if (!state.recordExit(exit, limits.retries, begun)) throw failureOf(batch, exit)
    }
    return { results: state.results, errors: state.errors, seconds }
  } finally {
    files.close()
    for (const signal of [host.signal, closing]) signal.removeEventListener('abort', cancel)
  }
}

interface Kept {
  readonly kept?: Promise<void>
}

function progressReporter(state: BatchState, host: BatchHost): (status: Status) => void {
  let reportedAt = performance.now()
  let reported = 0
  return (status) => {
    const { done, errors } = state.progress(status)
    if (done <= reported || performance.now() - reportedAt < PROGRESS_MS) return
    reportedAt = performance.now()
    reported = done
    host.onProgress?.(done, errors)
  }
}

/**
 * Runs `load`, and kills the process if the signal aborts: a process that is still loading cannot
 * be told to stop.
 */
async function whileLoading<T>(child: ChildProcess, signal: AbortSignal, load: () => Promise<T>): Promise<T> {
  const kill = () => child.kill()
  signal.addEventListener('abort', kill)
  try {
    return await load()
  } finally {
    signal.removeEventListener('abort', kill)
  }
}

/**
 * Returns the error of a batch that cannot continue because its processes end before they start a
 * spec.
 */
function failureOf({ experiment, start, end }: Batch, exit: ProcessExit): Error {
  const { exitCode, signal, stderr, word, ended } = exit
  if (word?.type === 'broken') return new ProcessFailedError(start, end, word.thrown.message, { cause: word.thrown })
  const how = ended
    ? 'did not go on and was ended'
    : signal
      ? `was ended by ${signal}`
      : `ended with exit code ${exitCode}`
  const reason = `the process ${how} before it began a spec. ${stderr.trim()}`.trim()
  return new ExperimentNotLoadedError(experiment.name, experiment.module, reason)
}
