import { rm } from 'node:fs/promises'
import { BatchCancelledError, ExperimentLoadError, ProcessFailedError } from './errors.js'
import type { FileCache } from './files.js'
import { createLedger, type Ledger } from './ledger.js'
import type { Batch, BatchHost, BatchResult } from './pool.js'
import type { PoolProcess } from './process.js'
import { loadInProcess } from './process-load.js'
import { type RunEnd, type RunHost, runInProcess } from './process-run.js'
import type { Status } from './status-file.js'
import type { Death } from './verdict.js'

/** What a batch has of its pool. */
export interface BatchTools {
  /** A process for this batch alone, when there is a slot for one: an idle one, or a new one. Throws the signal's reason. */
  takeProcess(signal: AbortSignal): Promise<PoolProcess>
  /** Gives it back, alive or dead. */
  releaseProcess(child: PoolProcess): Promise<void>
  /** Where the experiment may be, the likeliest first. */
  readonly modules: readonly string[]
  readonly files: FileCache
  /** The worker's name. */
  readonly worker: string
  /** Aborts when the pool closes. */
  readonly closing: AbortSignal
}

const PROGRESS_MS = 200

/** Runs a batch in as many processes as it takes: after a death it goes on behind the rows that left the dead one. */
export async function runBatch(batch: Batch, host: BatchHost, tools: BatchTools): Promise<BatchResult> {
  const { experiment, start, end } = batch
  const { modules, worker, closing } = tools
  const ledger = createLedger(batch, worker)
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
    onLeft: ledger.left,
    async keep(rows) {
      await host.onRows(rows)
      await Promise.all(rows.files.map(({ path }) => rm(path, { force: true })))
    },
    onStatus: progressReporter(ledger, host),
    fail: (reason) => stop.abort(reason),
    signal: stop.signal,
  }

  async function runOnce(
    child: PoolProcess,
  ): Promise<RunEnd & { readonly retries: number; readonly kept?: Promise<void> }> {
    const limits = await whileLoading(child, stop.signal, () => loadInProcess(child, experiment, modules))
    if ('status' in limits) return { type: 'died', death: limits, seconds: 0, retries: 0 }
    stop.signal.throwIfAborted()
    return { ...(await runInProcess(child, ledger.order(), limits, runHost)), retries: limits.retries }
  }

  let seconds = 0
  try {
    while (!ledger.isComplete) {
      stop.signal.throwIfAborted()
      const child = await tools.takeProcess(stop.signal)
      let run: Awaited<ReturnType<typeof runOnce>>
      try {
        run = await runOnce(child)
      } finally {
        await tools.releaseProcess(child)
      }
      await run.kept?.catch(() => {})
      stop.signal.throwIfAborted()
      if ('seconds' in run) seconds += run.seconds
      if (run.type === 'failed') throw new ProcessFailedError(start, end, run.thrown.message, { cause: run.thrown })
      if (run.type === 'died' && !ledger.died(run.death, run.retries)) {
        throw new ExperimentLoadError(experiment.name, experiment.module, howItDied(run.death))
      }
    }
    return { results: ledger.results, errors: ledger.errors, seconds }
  } finally {
    files.close()
    for (const signal of [host.signal, closing]) signal.removeEventListener('abort', cancel)
  }
}

function progressReporter(ledger: Ledger, host: BatchHost): (status: Status) => void {
  let reportedAt = performance.now()
  let reported = 0
  return (status) => {
    const { done, errors } = ledger.progress(status)
    if (done <= reported || performance.now() - reportedAt < PROGRESS_MS) return
    reportedAt = performance.now()
    reported = done
    host.onProgress?.(done, errors)
  }
}

/** A process that is still loading cannot be told to stop. */
async function whileLoading<T>(child: PoolProcess, signal: AbortSignal, load: () => Promise<T>): Promise<T> {
  const kill = () => child.kill()
  signal.addEventListener('abort', kill)
  try {
    return await load()
  } finally {
    signal.removeEventListener('abort', kill)
  }
}

function howItDied({ exitCode, signal, stderr }: Death): string {
  const end = signal === null ? `with exit code ${exitCode}` : `by ${signal}`
  return `the process ended ${end} before it began a spec. ${stderr.trim()}`.trim()
}
