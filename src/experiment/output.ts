import { nearest } from '../settings/nearest.js'
import { legible } from '../table/well-formed.js'
import { ExperimentInvalidError } from './errors.js'
import type { Experiment } from './experiment.js'
import { LONGEST_NAME } from './names.js'
import { type Fields, fieldOf } from './own-fields.js'
import { objectParser, type Problem, type Unknown } from './parse.js'
import { experimentTables } from './tables.js'
import { MOST_UNDECLARED } from './undeclared.js'
import { formatValue, thrownText } from './values.js'

/**
 * The return value of a function, in the form that its tables store. These objects inherit nothing.
 */
export interface Output {
  readonly scalars: Fields
  /** The returned files by field. A file that was left out has no entry. */
  readonly files: Readonly<Record<string, string>>
  readonly tables: Readonly<Record<string, readonly Fields[]>>
  /**
   * The returned fields that are not declared, and that are lost: `energy`, `tables.hourly.load`.
   */
  readonly undeclared: readonly string[]
}

export type ParsedOutput = { readonly output: Output } | { readonly problem: string }

const NO_FILES: Output['files'] = Object.freeze(Object.create(null))

/**
 * Returns a function that checks the return value of an experiment's function and copies its
 * values. `problem` is the message of `OUTPUT_INVALID`.
 */
export function outputParser(experiment: Experiment): (returned: unknown) => ParsedOutput {
  const { outputFiles } = experimentTables(experiment)
  const parse = objectParser(experiment.output, experiment.name, 'output', TABLES)
  const parseTables = tablesParser(experiment)
  const fields = Object.keys(experiment.output.shape)
  const refuses = experiment.undeclaredFields === 'refuse'

  function parseOutput(returned: unknown): ParsedOutput {
    if (typeof returned !== 'object' || returned === null || Array.isArray(returned)) {
      const expected = fields.length > 0 ? fields.join(', ') : TABLES
      return { problem: `Expected the function to return an object with ${expected}, got ${formatValue(returned)}.` }
    }
    const parsed = parse(returned)
    if ('problems' in parsed) return { problem: describe(parsed.problems, 'The output') }
    if (refuses && parsed.unknown.length > 0) return { problem: refusal(parsed.unknown, 'The output', fields) }
    const tables = parseTables(returned)
    if (typeof tables === 'string') return { problem: tables }
    const undeclared =
      parsed.unknown.length > 0 ? [...parsed.unknown.map(nameOf), ...tables.undeclared] : tables.undeclared
    const [scalars, files] = outputFiles.length > 0 ? splitFiles(parsed.value, outputFiles) : [parsed.value, NO_FILES]
    return { output: { scalars, files, tables: tables.rows, undeclared } }
  }

  return (returned) => {
    try {
      return parseOutput(returned)
    } catch (error) {
      // Other errors come from a proxy's trap or a getter of the returned object.
      if (error instanceof ExperimentInvalidError) throw error
      return { problem: `What the function returned cannot be read: ${thrownText(error)}.` }
    }
  }
}

const TABLES = 'tables'

function splitFiles(values: Fields, names: readonly string[]): [Fields, Record<string, string>] {
  const files: Record<string, string> = Object.create(null)
  for (const name of names) {
    if (typeof values[name] === 'string') files[name] = values[name]
    delete values[name]
  }
  return [values, files]
}

interface ParsedTables {
  readonly rows: Output['tables']
  readonly undeclared: readonly string[]
}

const NO_TABLES: ParsedTables = { rows: Object.freeze(Object.create(null)), undeclared: [] }

/**
 * Returns a function that returns the rows of every declared table, or a text that describes the
 * problem.
 */
function tablesParser(experiment: Experiment): (returned: object) => ParsedTables | string {
  const declared = Object.entries(experiment.tables).map(([name, schema]) => ({
    name,
    parse: objectParser(schema, experiment.name, `tables.${name}`),
    fields: Object.keys(schema.shape),
  }))
  const names = declared.map(({ name }) => name)
  const refuses = experiment.undeclaredFields === 'refuse'

  return (returned) => {
    const given = fieldOf(returned, TABLES)
    if (names.length === 0) {
      return given === undefined
        ? NO_TABLES
        : 'The function returned tables, but none are declared: add the option tables to register.'
    }
    if (typeof given !== 'object' || given === null)
      return `Expected tables to be an object with ${names.join(', ')}, got ${formatValue(given)}.`
    const undeclared = Object.keys(given).find((name) => !names.includes(name))
    if (undeclared !== undefined)
      return `The table ${legible(undeclared)} is not declared: expected ${names.join(', ')}.`
    const tables: Record<string, Fields[]> = Object.create(null)
    const unknown = new Set<string>()
    for (const { name, parse, fields } of declared) {
      const rows = fieldOf(given, name)
      if (!Array.isArray(rows)) return `Expected tables.${name} to be a list of rows, got ${formatValue(rows)}.`
      tables[name] = []
      for (let i = 0; i < rows.length; i++) {
        const parsed = parse(rows[i])
        if ('problems' in parsed) return describe(parsed.problems, `Row ${i} of tables.${name}`)
        if (refuses && parsed.unknown.length > 0) return refusal(parsed.unknown, `Row ${i} of tables.${name}`, fields)
        for (const field of parsed.unknown)
          if (unknown.size < MOST_UNDECLARED) unknown.add(`tables.${name}.${nameOf(field)}`)
        tables[name].push(parsed.value)
      }
    }
    return { rows: tables, undeclared: [...unknown] }
  }
}

function describe([first, ...others]: readonly Problem[], what: string): string {
  const { field, value, message } = first!
  const got = value === undefined ? '' : ` (got ${formatValue(value)})`
  const more = others.length > 0 ? ` ${others.length} more of its values do not either.` : ''
  return `${what} does not fit: ${field === '' ? '' : `${field}: `}${message}${got}.${more}`
}

function refusal([first, ...others]: readonly Unknown[], what: string, fields: readonly string[]): string {
  const name = nameOf(first!)
  const meant = nearest(name, fields)
  const more = others.length > 0 ? ` ${others.length} more of its fields are not either.` : ''
  return `${what} has a field ${name}, which is not declared (option undeclaredFields).${meant ? ` Did you mean ${meant}?` : ''}${more}`
}

/** Returns a field's name for a message. It is cut to the maximum length of a declared name. */
function nameOf({ field }: Unknown): string {
  return legible(field.slice(0, LONGEST_NAME))
}
