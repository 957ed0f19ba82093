import { z } from 'zod'
import { fetchedSchemes, isFetched } from '../store/backends.js'
import { isKey } from '../store/key.js'
import { bucketAddress } from '../store/s3-backend.js'
import { type Row, rowConverter } from './convert.js'
import { SpecsInvalidError } from './errors.js'
import type { Experiment } from './experiment.js'
import { objectParser, type Problem } from './parse.js'
import { type Spec, specParser } from './specs.js'
import { experimentTables } from './tables.js'

/**
 * One spec from an external sender, split into its parts. A part that the sender left out is
 * `undefined`.
 */
export interface WireSpec {
  /** The user's fields, as the input schema transforms them. */
  readonly spec: Spec
  /** The id of the run that the spec belongs to. */
  readonly experimentId: string | undefined
  readonly sortIndex: number
  readonly rootWorkflowRunId: string | undefined
  /** The address of the store for the spec's results. */
  readonly store: string | undefined
}

/**
 * Fields that a spec may have beside the user's fields. A `workflow_run_id` is ignored, because the
 * task's own id is used.
 */
const addressing = z.object({
  experiment_id: z
    .string()
    .refine(isKey, 'Expected names joined by single slashes, as study/v1.0.0/2026-11-21_12-45-10')
    .nullish(),
  sort_index: z.int().min(0).nullish(),
  root_workflow_run_id: z.string().nullish(),
  storage_settings: z
    .object({
      BUCKET: z.string().regex(/^[\w.-]+$/, "Expected a bucket's name, without s3:// and slashes"),
      BUCKET_PREFIX: z
        .string()
        .refine(
          (prefix) => prefix === '' || isKey(prefix),
          'Expected names joined by single slashes, as studies/scythe',
        )
        .default('scythe'),
    })
    .nullish(),
})

/**
 * Reads one spec from JSON. Dates are ISO texts. 64-bit integers are numbers or, beyond ±(2^53 -
 * 1), texts. Fields that the input does not have are left out. Throws `SpecsInvalidError`
 * (`SPECS_INVALID`) with all problems.
 */
export function readWireSpec(experiment: Experiment, input: unknown): WireSpec {
  const address = objectParser(addressing, experiment.name, 'input')(input)
  const fields = isRow(input) ? readFields(experiment, input) : { problems: [] }
  if ('problems' in address || 'problems' in fields) {
    const problems = [address, fields].flatMap((part) => ('problems' in part ? part.problems : []))
    throw new SpecsInvalidError(
      experiment.name,
      problems.map((problem) => ({ ...problem, row: 0 })),
      1,
    )
  }
  const { experiment_id, sort_index, root_workflow_run_id, storage_settings } = address.value as z.output<
    typeof addressing
  >
  return {
    spec: fields.spec,
    experimentId: experiment_id ?? undefined,
    sortIndex: sort_index ?? 0,
    rootWorkflowRunId: root_workflow_run_id ?? undefined,
    store: storage_settings ? bucketAddress(storage_settings.BUCKET, storage_settings.BUCKET_PREFIX) : undefined,
  }
}

function isRow(input: unknown): input is Row {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}

function readFields(experiment: Experiment, input: Row): { readonly spec: Spec } | { readonly problems: Problem[] } {
  const fields = Object.keys(experiment.input.shape).filter((field) => Object.hasOwn(input, field))
  const given = Object.fromEntries(fields.map((field) => [field, input[field]]))
  const parsed = specParser(experiment)(rowConverter(experiment, 'data')(given), 0)
  const misfits = 'problems' in parsed ? parsed.problems.map(withWayOut) : []
  const problems = [
    ...misfits,
    ...experimentTables(experiment).inputFiles.flatMap((field) => localFile(field, given[field])),
  ]
  return 'spec' in parsed && problems.length === 0 ? parsed : { problems }
}

/**
 * Adds the way out to a problem: JSON has one kind of number and no dates, which the schema's
 * message does not mention.
 */
function withWayOut(problem: Problem): Problem {
  const { value, message } = problem
  if (typeof value === 'number' && /expected bigint/.test(message)) {
    return { ...problem, message: 'Expected an integer, beyond ±(2^53 - 1) as text: a number loses digits there' }
  }
  return /expected date/.test(message)
    ? { ...problem, message: 'Expected a date as ISO text, as 2026-11-21T12:45:10Z' }
    : problem
}

/**
 * Rejects a path. A file with this path exists only on the sender's machine, or is a file on this
 * machine that the sender must not read.
 */
function localFile(field: string, value: unknown): Problem[] {
  if (typeof value !== 'string' || isFetched(value)) return []
  const schemes = fetchedSchemes().join(' or ')
  const message = `Expected an ${schemes} address: files of other machines are not here`
  return [{ field, value, message }]
}

/**
 * Returns a parsed value in the form that JSON keeps: dates as ISO texts, numbers that are not
 * finite as null, integers by `wireInteger`.
 */
export function wireValue(value: unknown): unknown {
  if (typeof value === 'bigint') return wireInteger(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(wireValue)
  if (typeof value !== 'object' || value === null) return value ?? null
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, wireValue(part)]))
}

/**
 * Returns a 64-bit integer as a number, or as a text if a number would lose digits. Specs may have
 * both forms, too.
 */
export function wireInteger(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}
