import type { z } from 'zod'
import { nearest } from '../settings/nearest.js'
import { timeoutSettings } from '../settings/timeouts.js'
import { ExperimentInvalidError } from './errors.js'
import type { Experiment, ExperimentFunction } from './experiment.js'
import { defaultName, LONGEST_NAME } from './names.js'
import { OPTION_NAMES, plainOptions, type RegisterOptions, type TableSchemas } from './options.js'
import { experimentTables } from './tables.js'
import { formatValue } from './values.js'

/** The pattern of an experiment's name, which becomes part of keys and of task names. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/
/** The names of Scythe's own tasks. */
const RESERVED_NAMES = ['scythe_fan', 'scythe_scatter_gather']

/**
 * Compiles the options of `register` into an experiment. Checks every option and fills in every
 * default.
 */
export function compileExperiment(
  options: Partial<RegisterOptions<z.ZodObject, z.ZodObject, TableSchemas>>,
  fn: ExperimentFunction,
  module: string | undefined,
  functionName = fn.name,
): Experiment {
  const name = options.name ?? defaultName(functionName)
  const fail = (option: string, problem: string) =>
    new ExperimentInvalidError(name || 'without a name', option, problem)
  const refuse = (option: string, value: unknown, expected: string): never => {
    throw fail(option, `expected ${option} to be ${expected}, got ${formatValue(value)}.`)
  }

  if (name === undefined) {
    throw fail('name', 'the function has no name: write "async function simulateEnergy(…)", or set the option name.')
  }
  if (typeof name !== 'string' || !NAME.test(name) || name.length > LONGEST_NAME || name === '__proto__') {
    refuse('name', name, `letters, digits, "_", "-" and "." only, at most ${LONGEST_NAME} of them`)
  }
  if (RESERVED_NAMES.includes(name)) throw fail('name', 'the name is that of a task of Scythe: set another one.')
  const unknown = Object.keys(options).find((option) => !OPTION_NAMES.includes(option))
  if (unknown !== undefined) {
    const meant = nearest(unknown, OPTION_NAMES)
    throw fail(
      unknown,
      `there is no option ${unknown}. ${meant ? `Did you mean ${meant}?` : `The options are ${OPTION_NAMES.join(', ')}.`}`,
    )
  }
  const { executionTimeout, scheduleTimeout, retries, undeclaredFields, ...plain } = plainOptions(options, refuse)
  const schema = (option: string, value: unknown): z.ZodObject => {
    if (isZodObject(value)) return value
    throw fail(option, notAnObject(option, value))
  }
  const tables: [string, z.ZodObject][] = Object.entries(options.tables ?? {}).map(([table, row]) => [
    table,
    schema(`tables.${table}`, row),
  ])
  const timeouts = timeoutSettings()
  const experiment: Experiment = {
    ...plain,
    name,
    fn,
    input: schema('input', options.input),
    output: schema('output', options.output),
    tables: Object.fromEntries(tables),
    undeclaredFields: undeclaredFields ?? 'warn',
    executionTimeout: executionTimeout ?? timeouts.experimentExecution,
    scheduleTimeout: scheduleTimeout ?? timeouts.experimentSchedule,
    retries: retries ?? 0,
    module: module ?? refuse('module', undefined, 'the file that calls register, which other processes import'),
  }
  experimentTables(experiment)
  return experiment
}

function isZodObject(value: unknown): value is z.ZodObject {
  return (value as z.ZodObject | undefined)?._zod?.def?.type === 'object'
}

function notAnObject(option: string, value: unknown): string {
  const zod4 = (value as z.ZodType | undefined)?._zod?.def?.type
  if (zod4)
    return `expected ${option} to be a zod object, got the schema of ${zod4 === 'pipe' ? 'a transform' : `"${zod4}"`}: wrap it in z.object({ … }).`
  if (value !== null && typeof value === 'object' && '_def' in value) {
    return `${option} is a zod 3 schema: import z from zod 4, or from "zod/v4".`
  }
  return `expected ${option} to be a zod object such as z.object({ rValue: z.number() }), got ${formatValue(value)}.`
}
