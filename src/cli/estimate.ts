import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Experiment } from '../experiment/experiment.js'
import type { WorkerLabels } from '../experiment/labels.js'
import { BaseExperiment } from '../run/base-experiment.js'
import { localEngine } from '../run/default-engine.js'
import type { Run } from '../run/run.js'
import { readReceipt } from '../scatter/receipt.js'
import { workerSettings, workerSlots } from '../settings/worker.js'
import { openStore } from '../store/open.js'
import { CommandStoppedError } from './errors.js'
import { onInterrupt } from './follow.js'
import { formatPlural, formatSeconds } from './format.js'

/** The time that trial specs took, and the estimate for all specs. */
export interface Estimate {
  /** Seconds that each trial spec took, in order. */
  readonly ran: readonly number[]
  /** Errors of the trial specs that failed. */
  readonly errors: readonly string[]
  /** Seconds that all specs would take on one slot. */
  readonly slotSeconds: number
  /** Number of slots of this process. */
  readonly slots: number
}

/**
 * Runs these specs in this process, one after the other, and removes everything that they leave.
 * The estimate per spec is the median: the first spec may include a warm-up.
 */
export async function estimate(
  experiment: Experiment,
  tried: readonly unknown[],
  specs: number,
  given: number | undefined,
): Promise<Estimate> {
  const folder = await mkdtemp(join(tmpdir(), 'scythe-dry-run-'))
  const engine = await localEngine({ slots: 1, labels: labelsOf(experiment) })
  try {
    const runs = new BaseExperiment({ runnable: experiment.name, store: folder })
    const { run, ref } = await runs.allocate(tried, { engine, batch: 1 })
    let isStopped = false
    onInterrupt(() => {
      isStopped = true
      void ref.cancel()
    })
    await ref.result().catch((error) => {
      throw isStopped ? new CommandStoppedError() : error
    })
    const ran = await secondsOf(run, tried.length)
    const slots = given ?? workerSlots(workerSettings(process.env))
    return { ran, errors: await errorsOf(run), slotSeconds: medianOf(ran) * specs, slots }
  } finally {
    await engine.close()
    await rm(folder, { recursive: true, force: true })
  }
}

export function estimateText({ ran, errors, slotSeconds, slots }: Estimate): string {
  const took = `${formatPlural(ran.length, 'spec')} took ${ran.map(formatShort).join(', ')}`
  const failed = errors.map((error) => `\n  one of them failed: ${error}`).join('')
  const here = slots > 1 ? `, ${formatSeconds(slotSeconds / slots)} on ${slots} slots` : ''
  return `${took}: all take about ${formatSeconds(slotSeconds)} on one slot${here}${failed}`
}

async function secondsOf({ uri }: Run, specs: number): Promise<number[]> {
  const folder = openStore(uri)
  const receipts = Array.from({ length: specs }, (_, start) => readReceipt(folder, { start, end: start + 1 }))
  return (await Promise.all(receipts)).map((receipt) => receipt?.seconds ?? 0)
}

async function errorsOf(run: Run): Promise<string[]> {
  const errors: string[] = []
  for await (const { error_code, error_name, error_message } of run.rows('errors')) {
    errors.push(`${error_code} ${error_name}: ${error_message}`)
  }
  return errors
}

/**
 * Returns labels that match all that the experiment desires, since this process does once the work
 * of other workers.
 */
function labelsOf({ desiredWorkerLabels = {} }: Experiment): WorkerLabels {
  return Object.fromEntries(Object.entries(desiredWorkerLabels).map(([name, { value }]) => [name, value]))
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

function formatShort(seconds: number): string {
  return seconds < 1 ? `${Math.ceil(seconds * 1000)} ms` : formatSeconds(seconds)
}
