import { setTimeout as sleep } from 'node:timers/promises'
import type { Backoff, Experiment } from '../../experiment/experiment.js'
import { reviveSpec } from '../../experiment/revive.js'
import type { SpecError } from '../../experiment/spec-error.js'
import { experimentTables } from '../../experiment/tables.js'
import { FileUnavailableError } from '../errors.js'
import type { Order } from '../protocol.js'
import { type SerializedError, serializeError } from '../serialize-error.js'
import { monotonicNow, type StatusWriter } from '../status-file.js'
import type { Attempts, Outcome } from './attempts.js'
import { createInputFiles } from './input-files.js'
import type { Recorder } from './recorder.js'
import type { SpecPlace, SpecRows } from './spec-rows.js'

export interface SpecRunnerParts {
  readonly tries: Attempts
  readonly recorder: Recorder
  readonly status: StatusWriter
  readonly fetchFile: (uri: string) => Promise<string>
  /**
   * Checks an attempt's outcome before it counts. Returns a promise that stays pending if the
   * outcome does not count, because the process ends. `isLast`: the outcome would be the spec's
   * row.
   */
  readonly judge: (outcome: Outcome, sortIndex: number, isLast: boolean) => Promise<never> | undefined
  /** Waits for a promise. Rejects with the signal's reason if the batch is stopped first. */
  readonly unlessStopped: <T>(wait: Promise<T>) => Promise<T>
  readonly signal: AbortSignal
  /** The worker's name. */
  readonly worker: string
}

/**
 * Creates a function that runs one spec until it has a row: fetches its files, makes as many
 * attempts as allowed, and records the outcome. If the user's function returns no promise, neither
 * does this function, which saves the cost of one.
 */
export function createSpecRunner(
  experiment: Experiment,
  order: Order,
  { tries, recorder, status, fetchFile, judge, unlessStopped, signal, worker }: SpecRunnerParts,
): (rows: SpecRows, sortIndex: number) => Promise<void> | undefined {
  const { inputFiles } = experimentTables(experiment)
  const known = new Map(order.known.map((tries) => [tries.sortIndex, tries]))
  const revive = reviveSpec(experiment)
  const files = createInputFiles(inputFiles, fetchFile)

  async function bringFiles(spec: Record<string, unknown>, rows: SpecRows, place: SpecPlace): Promise<void> {
    await unlessStopped(files.bring(spec, place))
    const sortIndex = place.sortIndex + 1
    if (sortIndex < Math.min(rows.end, order.end)) files.prefetch({ ...place, sortIndex, row: place.row + 1 })
  }

  function fail(place: SpecPlace, error: SpecError): void {
    recorder.error(place, error)
    status.failed()
  }

  /** Records an outcome. Returns `true` if another attempt is due. */
  function settle(place: SpecPlace, attempt: number, startedAt: number, outcome: Outcome): boolean {
    if (outcome.type === 'result') recorder.result(place, outcome.output, outcome.uris, outcome.files)
    else if (attempt <= experiment.retries) return true
    else {
      const seconds = (monotonicNow() - startedAt) / 1000
      fail(place, { ...failureOf(outcome), attempts: attempt, worker, seconds })
    }
    return false
  }

  async function runAttempts(rows: SpecRows, place: SpecPlace, first: number): Promise<void> {
    const { sortIndex } = place
    for (let attempt = first; ; attempt++) {
      if (attempt > 1) await pause(sortIndex, attempt)
      let startedAt = monotonicNow()
      const spec = revive(place.columns, place.row)
      try {
        if (inputFiles.length > 0) {
          status.waiting(sortIndex, attempt)
          await bringFiles(spec, rows, place)
        }
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof FileUnavailableError)) throw error
        if (settle(place, attempt, startedAt, { type: 'no-file', error })) continue
        return
      }
      startedAt = status.trying(sortIndex, attempt)
      await tries.run(spec, sortIndex, attempt, startedAt)
      signal.throwIfAborted()
      await judge(tries.outcome, sortIndex, attempt > experiment.retries)
      if (!settle(place, attempt, startedAt, tries.outcome)) return
    }
  }

  async function pause(sortIndex: number, attempt: number): Promise<void> {
    const ms = backoffMs(experiment.backoff, attempt - 1)
    status.waiting(sortIndex, attempt, monotonicNow() + ms)
    await unlessStopped(sleep(ms))
  }

  async function goOn(rows: SpecRows, place: SpecPlace, startedAt: number, pending: Promise<void>): Promise<void> {
    await pending
    signal.throwIfAborted()
    await judge(tries.outcome, place.sortIndex, experiment.retries === 0)
    if (settle(place, 1, startedAt, tries.outcome)) await runAttempts(rows, place, 2)
  }

  return (rows, sortIndex) => {
    const place: SpecPlace = { sortIndex, row: sortIndex - rows.firstRow, columns: rows.columns }
    const before = known.get(sortIndex)
    if (before?.error) return void fail(place, before.error)
    if (before || inputFiles.length > 0) return runAttempts(rows, place, (before?.attempts ?? 0) + 1)
    const startedAt = status.trying(sortIndex, 1)
    const pending = tries.run(revive(place.columns, place.row), sortIndex, 1, startedAt)
    if (pending) return goOn(rows, place, startedAt, pending)
    const judged = judge(tries.outcome, sortIndex, experiment.retries === 0)
    if (judged) return judged
    return settle(place, 1, startedAt, tries.outcome) ? runAttempts(rows, place, 2) : undefined
  }
}

/**
 * Serializes a failure. Failures that Scythe detects are named by their code; errors that the
 * function threw keep their own name.
 */
function failureOf(outcome: Exclude<Outcome, { type: 'result' }>): SerializedError & { readonly code: string } {
  if (outcome.type === 'thrown') return { code: 'SPEC_FAILED', ...serializeError(outcome.thrown, 'SPEC_FAILED') }
  const { code, message } = outcome.error
  return { code, name: code, message, stack: null }
}

/** Returns the time in ms to wait before the n-th retry, with n from 1. */
export function backoffMs({ seconds, factor, maxSeconds }: Backoff, retry: number): number {
  return Math.min(seconds * factor ** (retry - 1), maxSeconds) * 1000
}
