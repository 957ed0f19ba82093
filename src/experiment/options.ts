import type { z } from 'zod'
import { parseBytes } from '../settings/bytes.js'
import { isTimeout, parseDuration } from '../settings/duration.js'
import type { Backoff } from './experiment.js'
import type { DesiredWorkerLabels } from './labels.js'

export type TableSchemas = Readonly<Record<string, z.ZodObject>>

/** What `ExperimentRegistry.register` takes. */
export interface RegisterOptions<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
  // biome-ignore lint/complexity/noBannedTypes: no tables are no keys
  Tables extends TableSchemas = {},
> {
  /** What a spec is: a zod 4 object. Its fields become columns of `specs.pq` and the index of every table of results. */
  readonly input: Input
  /** What the function returns for a spec: a zod 4 object. Its fields become the columns of the table `scalars`. */
  readonly output: Output
  /**
   * Named tables for what has several rows a spec: name to the zod 4 object of one row. The function returns their rows as
   * `tables: { name: rows }`; each row is joined to its spec by the table's index. Default: none.
   */
  readonly tables?: Tables
  /** The name on the wire and in the store. Default: `scythe_experiment_` and the function's name in snake case. */
  readonly name?: string
  /** One sentence for dashboards and lists. */
  readonly description?: string
  /**
   * Limit of one try at one spec: `"30m"`, `"1h30m"`, or ms. The function is ended after it. Default:
   * `SCYTHE_TIMEOUT_EXPERIMENT_EXECUTION`, else one hour.
   */
  readonly executionTimeout?: string | number
  /** How long a task may wait for a worker: `"2h"`, or ms. Default: `SCYTHE_TIMEOUT_EXPERIMENT_SCHEDULE`, else days. */
  readonly scheduleTimeout?: string | number
  /** Tries at a spec after the first one, where it throws or runs out of time or memory. Default 0. */
  readonly retries?: number
  /** How long to wait between tries. Default: 1 s, twice as long each time, at most 60 s. */
  readonly backoff?: Partial<Backoff>
  /** What a worker must have, for example `ScytheWorkerLabel.HAS_GPU.workerLabel`. Default: nothing. */
  readonly desiredWorkerLabels?: DesiredWorkerLabels
  /**
   * What specs may add to the resident memory of the process that runs them: `"2GB"`, `"512MiB"`, or bytes. Default: a slot's
   * share of the machine.
   */
  readonly memory?: string | number
  /** Specs that one task runs. Default: chosen from the time that the first specs take. */
  readonly batch?: number
}

/** What every option is called. */
export const OPTION_NAMES = Object.keys({
  input: true,
  output: true,
  tables: true,
  name: true,
  description: true,
  executionTimeout: true,
  scheduleTimeout: true,
  retries: true,
  backoff: true,
  desiredWorkerLabels: true,
  memory: true,
  batch: true,
} satisfies Record<keyof RegisterOptions, true>)

/** Says no to an option: `expected` completes "expected retries to be …". */
export type Refuse = (option: string, value: unknown, expected: string) => never

/** The options that stand for themselves, each checked. `undefined` where it was not given. */
export function plainOptions(options: Partial<RegisterOptions>, refuse: Refuse) {
  const whole = (option: string, value: unknown, least: number) => {
    if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= least))
      return value as number | undefined
    return refuse(option, value, `a whole number of ${least} or more`)
  }
  const text = (option: string, value: unknown) =>
    value === undefined || typeof value === 'string' ? value : refuse(option, value, 'a text')
  const timeout = (option: string, value: unknown) => {
    if (value === undefined) return undefined
    const ms = parseDuration(value)
    if (isTimeout(ms)) return ms
    return refuse(option, value, 'a time such as "90s", "30m" or "1h30m", or ms, up to 24 days')
  }
  const memory = (value: unknown) => {
    if (value === undefined) return undefined
    return parseBytes(value) || refuse('memory', value, 'a size such as "512MB" or "2GB", or bytes')
  }
  return {
    description: text('description', options.description),
    executionTimeout: timeout('executionTimeout', options.executionTimeout),
    scheduleTimeout: timeout('scheduleTimeout', options.scheduleTimeout),
    retries: whole('retries', options.retries, 0),
    backoff: backoff(options.backoff ?? {}, refuse),
    desiredWorkerLabels: labels(options.desiredWorkerLabels ?? {}, refuse),
    memory: memory(options.memory),
    batch: whole('batch', options.batch, 1),
  }
}

function backoff(given: Partial<Backoff>, refuse: Refuse): Backoff {
  if (typeof given !== 'object') refuse('backoff', given, 'an object such as { seconds: 1, factor: 2 }')
  const number = (key: keyof Backoff, least: number, fallback: number) => {
    const value: unknown = given[key] ?? fallback
    if (typeof value === 'number' && value >= least && value < Number.POSITIVE_INFINITY) return value
    return refuse(`backoff.${key}`, value, `a number of ${least} or more`)
  }
  return { seconds: number('seconds', 0, 1), factor: number('factor', 1, 2), maxSeconds: number('maxSeconds', 0, 60) }
}

function labels(desired: DesiredWorkerLabels, refuse: Refuse): DesiredWorkerLabels {
  for (const [name, label] of Object.entries(desired)) {
    const value: unknown = label?.value
    if (typeof value !== 'string' && !Number.isSafeInteger(value)) {
      refuse(`desiredWorkerLabels.${name}`, label, 'a label such as { value: "yes", required: true }')
    }
  }
  return desired
}
