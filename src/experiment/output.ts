import type { Experiment } from './experiment.js'
import { objectParser, type Problem } from './parse.js'
import { experimentTables } from './tables.js'
import { show } from './values.js'

type Row = Record<string, unknown>

/** What a function returned, as its tables take it. A file that was left out is not among `files`. */
export interface Output {
  readonly scalars: Row
  readonly files: Readonly<Record<string, string>>
  readonly tables: Readonly<Record<string, readonly Row[]>>
}

export type ParsedOutput = { readonly output: Output } | { readonly problem: string }

const NO_FILES: Output['files'] = {}
const NO_TABLES: Output['tables'] = {}

/** Checks what the function of an experiment returned. `problem` is the message of `OUTPUT_INVALID`. */
export function outputParser(experiment: Experiment): (returned: unknown) => ParsedOutput {
  const { outputFiles } = experimentTables(experiment)
  const parse = objectParser(experiment.output, experiment.name, 'output')
  const parseTables = tablesParser(experiment)
  const fields = Object.keys(experiment.output.shape).join(', ')

  return (returned) => {
    if (typeof returned !== 'object' || returned === null || Array.isArray(returned)) {
      return { problem: `Expected the function to return an object with ${fields || 'tables'}, got ${show(returned)}.` }
    }
    const { rows, own } = splitTables(returned)
    const parsed = parse(own)
    if ('problems' in parsed) return { problem: describe(parsed.problems, 'The output') }
    const tables = parseTables(rows)
    if (typeof tables === 'string') return { problem: tables }
    const [scalars, files] = outputFiles.length > 0 ? splitFiles(parsed.value, outputFiles) : [parsed.value, NO_FILES]
    return { output: { scalars, files, tables } }
  }
}

/** A strict output would refuse the tables as a field. */
function splitTables(returned: object): { rows: unknown; own: object } {
  if (!('tables' in returned)) return { rows: undefined, own: returned }
  const { tables: rows, ...own } = returned
  return { rows, own }
}

function splitFiles(values: Row, names: readonly string[]): [Row, Record<string, string>] {
  const scalars = { ...values }
  const files: Record<string, string> = {}
  for (const name of names) {
    delete scalars[name]
    if (typeof values[name] === 'string') files[name] = values[name]
  }
  return [scalars, files]
}

/** Gives the rows of every declared table, or what is wrong with them. */
function tablesParser(experiment: Experiment): (given: unknown) => Output['tables'] | string {
  const declared = Object.entries(experiment.tables).map(([name, schema]) => ({
    name,
    parse: objectParser(schema, experiment.name, `tables.${name}`),
  }))
  const names = declared.map(({ name }) => name)
  if (names.length === 0) {
    return (given) =>
      given === undefined
        ? NO_TABLES
        : 'The function returned tables, but none are declared: add the option tables to register.'
  }
  return (given) => {
    if (typeof given !== 'object' || given === null)
      return `Expected tables to be an object with ${names.join(', ')}, got ${show(given)}.`
    const undeclared = Object.keys(given).find((name) => !names.includes(name))
    if (undeclared !== undefined) return `The table ${undeclared} is not declared: expected ${names.join(', ')}.`
    const tables: Record<string, Row[]> = {}
    for (const { name, parse } of declared) {
      const rows = (given as Row)[name]
      if (!Array.isArray(rows)) return `Expected tables.${name} to be a list of rows, got ${show(rows)}.`
      tables[name] = []
      for (let i = 0; i < rows.length; i++) {
        const parsed = parse(rows[i])
        if ('problems' in parsed) return describe(parsed.problems, `Row ${i} of tables.${name}`)
        tables[name].push(parsed.value)
      }
    }
    return tables
  }
}

function describe([first, ...others]: readonly Problem[], what: string): string {
  const { field, value, message } = first!
  const got = value === undefined ? '' : ` (got ${show(value)})`
  const more = others.length > 0 ? ` ${others.length} more of its values do not either.` : ''
  return `${what} does not fit: ${field === '' ? '' : `${field}: `}${message}${got}.${more}`
}
