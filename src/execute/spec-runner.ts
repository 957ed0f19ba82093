import { setTimeout as sleep } from 'node:timers/promises'
import type { Experiment } from '../experiment/experiment.js'
import { reviveSpec } from '../experiment/revive.js'
import { experimentTables } from '../experiment/tables.js'
import { backoffMs } from './backoff.js'
import { FileUnavailableError, OutputInvalidError, SpecTimedOutError } from './errors.js'
import { createInputFiles } from './input-files.js'
import type { Order } from './protocol.js'
import type { Recorder } from './recorder.js'
import type { SpecError } from './spec-error.js'
import { rowAt, type SpecPlace, type SpecRows } from './spec-rows.js'
import { monotonicNow, type StatusWriter } from './status-file.js'
import { describeThrown, type Thrown } from './thrown.js'
import type { Tries } from './tries.js'

export interface SpecRunnerParts {
  readonly tries: Tries
  readonly recorder: Recorder
  readonly status: StatusWriter
  readonly fetchFile: (uri: string) => Promise<string>
  /** Lets what is recorded leave the process. */
  readonly leave: () => Promise<void>
  /** Waits, unless the batch is stopped first: then throws why. */
  readonly unlessStopped: <T>(wait: Promise<T>) => Promise<T>
  readonly signal: AbortSignal
  /** The worker's name. */
  readonly worker: string
}

/** Runs one spec until it has a row: fetches its files, tries as often as it may, and records what came of it. */
export function createSpecRunner(
  experiment: Experiment,
  order: Order,
  { tries, recorder, status, fetchFile, leave, unlessStopped, signal, worker }: SpecRunnerParts,
): (rows: SpecRows, sortIndex: number) => Promise<void> {
  const { inputFiles } = experimentTables(experiment)
  const known = new Map(order.known.map((tries) => [tries.sortIndex, tries]))
  const revive = reviveSpec(experiment)
  const files = createInputFiles(inputFiles, fetchFile)

  async function bringFiles(spec: Record<string, unknown>, rows: SpecRows, place: SpecPlace): Promise<void> {
    await unlessStopped(files.bring(spec, place))
    const sortIndex = place.sortIndex + 1
    if (sortIndex < Math.min(rows.end, order.batch.end)) files.prefetch({ ...place, sortIndex, row: place.row + 1 })
  }

  function fail(place: SpecPlace, error: SpecError): void {
    recorder.error(place, error)
    status.failed()
  }

  return async (rows, sortIndex) => {
    const place: SpecPlace = { sortIndex, row: sortIndex - rows.firstRow, columns: rows.columns }
    const before = known.get(sortIndex)
    // It ended a process, and may end this one: what is finished shall not go with it.
    if (before) await leave()
    if (before?.error) return fail(place, before.error)
    for (let attempt = (before?.attempts ?? 0) + 1; ; attempt++) {
      if (attempt > 1) {
        status.waiting(sortIndex, attempt)
        await unlessStopped(sleep(backoffMs(experiment.backoff, attempt - 1)))
      }
      let startedAt = monotonicNow()
      try {
        const spec = revive(rowAt(place))
        if (inputFiles.length > 0) {
          status.waiting(sortIndex, attempt)
          await bringFiles(spec, rows, place)
        }
        startedAt = status.trying(sortIndex, attempt)
        const { output, uris, files } = await tries.run(spec, sortIndex, attempt, startedAt)
        return recorder.result(place, output, uris, files)
      } catch (thrown) {
        signal.throwIfAborted()
        if (attempt <= experiment.retries) continue
        const seconds = (monotonicNow() - startedAt) / 1000
        return fail(place, { ...describeFailure(thrown), attempts: attempt, worker, seconds })
      }
    }
  }
}

/** Failures that we find are named by their code; the function's own as it threw them. */
function describeFailure(thrown: unknown): Thrown & { readonly code: string } {
  if (
    thrown instanceof OutputInvalidError ||
    thrown instanceof FileUnavailableError ||
    thrown instanceof SpecTimedOutError
  ) {
    return { code: thrown.code, name: thrown.code, message: thrown.message, stack: null }
  }
  return { code: 'SPEC_FAILED', ...describeThrown(thrown, 'SPEC_FAILED') }
}
