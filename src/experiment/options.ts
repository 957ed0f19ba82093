import type { z } from 'zod'
import { parseBytes } from '../settings/bytes.js'
import { isTimeout, parseDuration } from '../settings/duration.js'
import type { Backoff, Experiment } from './experiment.js'
import type { DesiredWorkerLabels } from './labels.js'
import type { UndeclaredFields } from './undeclared.js'

export type TableSchemas = Readonly<Record<string, z.ZodObject>>

/** The options of `ExperimentRegistry.register`. */
export interface RegisterOptions<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
  // biome-ignore lint/complexity/noBannedTypes: no tables are no keys
  Tables extends TableSchemas = {},
> {
  /**
   * The schema of a spec: a zod 4 object. Its fields become columns of `specs.pq` and the index of
   * every table of results.
   */
  readonly input: Input
  /**
   * The schema of the value that the function returns for a spec: a zod 4 object. Its fields become
   * the columns of the table `scalars`.
   */
  readonly output: Output
  /**
   * Named tables for results with several rows per spec: the zod 4 object of a row by the table's
   * name. The function returns the rows as `tables: { name: rows }`. The table's index joins each
   * row to its spec. Default: none.
   */
  readonly tables?: Tables
  /**
   * The name on the engine and in the store. Default: `scythe_experiment_` and the function's name
   * in snake case.
   */
  readonly name?: string
  /** One sentence for dashboards and lists. Default: none. */
  readonly description?: string
  /**
   * The time limit of one attempt at one spec: `"30m"`, `"1h30m"`, or a number of ms. The function
   * is ended when it is over. Default: `SCYTHE_TIMEOUT_EXPERIMENT_EXECUTION`, else one hour.
   */
  readonly executionTimeout?: string | number
  /**
   * How long a task may wait for a worker: `"2h"`, or a number of ms. Default:
   * `SCYTHE_TIMEOUT_EXPERIMENT_SCHEDULE`, else days.
   */
  readonly scheduleTimeout?: string | number
  /**
   * The number of further attempts at a spec if it throws or exceeds its time or memory. Default:
   * 0.
   */
  readonly retries?: number
  /** The wait between attempts. Default: 1 s, doubled each time, at most 60 s. */
  readonly backoff?: Partial<Backoff>
  /**
   * The labels that a worker must have, for example `ScytheWorkerLabel.HAS_GPU.workerLabel`.
   * Default: none.
   */
  readonly desiredWorkerLabels?: DesiredWorkerLabels
  /**
   * The memory that specs may add to the resident memory of the process that runs them: `"2GB"`,
   * `"512MiB"`, or a number of bytes. Default: a slot's share of the machine's memory.
   */
  readonly memory?: string | number
  /**
   * The resources that specs share. `'slot'`: the process of a slot runs one spec after the other,
   * and is replaced if a spec has changed something that the next spec would see, such as an
   * environment variable. `'spec'`: each spec has its own process. This costs a start of Node and
   * an import of the module for each spec, a tenth of a second and more. Default: `'slot'`.
   */
  readonly isolation?: Experiment['isolation']
  /**
   * The number of specs that one task runs. Default: chosen from the time that the first specs
   * take.
   */
  readonly batch?: number
  /**
   * How fields are treated that the function returns and that `output` or a table's row does not
   * declare. They have no column. `warn`: they are left out, and the run's result names them.
   * `refuse`: the spec fails with `OUTPUT_INVALID`. Undeclared fields of a `z.looseObject` are left
   * out silently. Default: `warn`.
   */
  readonly undeclaredFields?: UndeclaredFields
  /**
   * The folders from which files may be returned, besides `ctx.tempdir`. A file in another folder
   * is refused (`OUTPUT_INVALID`). Relative paths start at the folder that specs run in. Default:
   * none.
   */
  readonly outputFolders?: readonly string[]
}

/** The names of all options. */
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
  isolation: true,
  batch: true,
  undeclaredFields: true,
  outputFolders: true,
} satisfies Record<keyof RegisterOptions, true>)

/** Rejects an option. `expected` completes "expected retries to be …". */
export type Refuse = (option: string, value: unknown, expected: string) => never

/**
 * Checks each option that does not depend on another option, and returns their values. An option
 * that was not given is `undefined`, unless it has a fixed default.
 */
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
  const isolation = (value: unknown): Experiment['isolation'] =>
    value === 'slot' || value === 'spec' ? value : refuse('isolation', value, '"slot" or "spec"')
  return {
    description: text('description', options.description),
    executionTimeout: timeout('executionTimeout', options.executionTimeout),
    scheduleTimeout: timeout('scheduleTimeout', options.scheduleTimeout),
    retries: whole('retries', options.retries, 0),
    backoff: backoff(options.backoff ?? {}, refuse),
    desiredWorkerLabels: labels(options.desiredWorkerLabels ?? {}, refuse),
    memory: memory(options.memory),
    isolation: isolation(options.isolation ?? 'slot'),
    batch: whole('batch', options.batch, 1),
    undeclaredFields: undeclared(options.undeclaredFields, refuse),
    outputFolders: folders(options.outputFolders ?? [], refuse),
  }
}

function undeclared(value: unknown, refuse: Refuse): UndeclaredFields | undefined {
  if (value === undefined || value === 'warn' || value === 'refuse') return value
  return refuse('undeclaredFields', value, '"warn" or "refuse"')
}

function folders(value: unknown, refuse: Refuse): readonly string[] {
  const isFolder = (folder: unknown) => typeof folder === 'string' && folder !== ''
  if (Array.isArray(value) && value.every(isFolder)) return value
  return refuse('outputFolders', value, 'a list of folders, such as ["/data/results"]')
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
