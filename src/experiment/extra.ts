import type { Column } from '../table/schema.js'
import type { SpecProblem } from './errors.js'
import { fieldNameProblem } from './names.js'
import type { ExperimentTables } from './tables.js'

/**
 * The key of the columns that the input does not name. A spec that was read from a file has them
 * under this key, if they are kept.
 */
const EXTRA = Symbol('scythe.extra')

/** A value of an extra column: its text, and the number that it may represent. */
export interface ExtraValue {
  readonly text: string
  readonly number?: number
  /**
   * Whether the text is `NA`, R's mark for missing values. In a column of texts, `NA` is an
   * ordinary text.
   */
  readonly na?: boolean
}

export type ExtraValues = Readonly<Record<string, ExtraValue | null>>

/** Stores values beside a spec, hidden from schemas. */
export function setExtra(spec: object, values: ExtraValues): void {
  Object.defineProperty(spec, EXTRA, { value: values })
}

const LEADING_ZERO = /^[+-]?0\d/

/**
 * Returns whether digits are a name, such as a postal code: they have leading zeros, which a number
 * would lose.
 */
export function isNameInDigits(text: string): boolean {
  return LEADING_ZERO.test(text.trim())
}

/**
 * Returns a function that reads values of extra columns. `toNumber` returns the number that a text
 * represents; it is needed for formats that have only texts.
 */
export function extraReader(toNumber?: (text: string) => unknown): (value: unknown) => ExtraValue | null {
  return (value) => {
    if (value === null || value === undefined) return null
    if (typeof value === 'number') return { text: String(value), number: value }
    if (typeof value === 'bigint') {
      const number = Number(value)
      return Number.isSafeInteger(number) ? { text: String(value), number } : { text: String(value) }
    }
    if (value instanceof Date) return { text: value.toISOString() }
    if (typeof value === 'object')
      return { text: JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part)) }
    const text = String(value)
    if (!toNumber) return { text }
    if (text === 'NA') return { text, na: true }
    const number = isNameInDigits(text) ? text : toNumber(text)
    if (typeof number !== 'number' || (Number.isInteger(number) && !Number.isSafeInteger(number))) return { text }
    return { text, number }
  }
}

/**
 * Returns the tables of a run that keeps extra columns. These are in the index of every table, like
 * fields of the input.
 */
export function withExtra(tables: ExperimentTables, extra: readonly Column[] | undefined): ExperimentTables {
  if (!extra?.length) return tables
  const names = extra.map(({ name }) => name)
  const results: Record<string, ExperimentTables['results'][string]> = Object.create(null)
  for (const [table, { columns, index }] of Object.entries(tables.results))
    results[table] = { columns: [...columns, ...extra], index: [...index, ...names] }
  const specs = { ...tables.specs, columns: [...tables.specs.columns, ...extra] }
  return { ...tables, specs, results, indexFields: [...tables.indexFields, ...names] }
}

/**
 * Collects extra columns while specs are read. The rows before the first call of `settle` decide
 * the types of the columns.
 */
export interface ExtraColumns {
  /**
   * Adds the extra values of a spec. Returns a problem for each value that does not fit the rows
   * before it.
   */
  take(spec: unknown, row: number): readonly SpecProblem[]
  /**
   * Returns the extra columns. The first call decides which columns there are, and whether each
   * holds numbers or texts.
   */
  settle(): readonly Column[]
  /** Returns the values since the last call, by column. */
  flush(): ReadonlyMap<string, readonly (string | number | null)[]>
}

const NONE: readonly SpecProblem[] = []

export function createExtraColumns({ specs, results }: ExperimentTables): ExtraColumns {
  const taken = new Set([specs, ...Object.values(results)].flatMap(({ columns }) => columns.map(({ name }) => name)))
  const lists = new Map<string, (ExtraValue | null)[]>()
  let settled: readonly Column[] | undefined
  /** The columns that hold numbers, once the columns are settled. */
  let numbers: ReadonlySet<string> = new Set()
  let rows = 0

  function problemOf(name: string, value: ExtraValue | null): string | undefined {
    if (!lists.has(name)) {
      const expected = fieldNameProblem(name)
      if (expected) return `The name of a column is expected to be ${expected}`
      if (taken.has(name))
        return 'A column of the tables of results is called so: rename it, or leave it out with --extra ignore'
      if (settled) return 'A column that rows before do not have: name it in the first 10,000 rows'
    }
    if (numbers.has(name) && value && !value.na && value.number === undefined)
      return 'Expected a number, as the rows before have in this column, which the input does not name'
    return undefined
  }

  function settle(): readonly Column[] {
    if (settled) return settled
    numbers = new Set([...lists].flatMap(([name, list]) => (areNumbers(list) ? [name] : [])))
    settled = [...lists.keys()].map((name) => ({ name, type: { kind: numbers.has(name) ? 'double' : 'string' } }))
    return settled
  }

  return {
    take(spec, row) {
      const values = extraOf(spec)
      // Most specs have no extra values, and there may be millions of specs.
      if (!values && lists.size === 0) {
        rows += 1
        return NONE
      }
      const problems: SpecProblem[] = []
      for (const [field, value] of Object.entries(values ?? {})) {
        const message = problemOf(field, value)
        if (message) problems.push({ row, field, value: value?.text ?? null, message })
        else if (!lists.has(field)) lists.set(field, new Array<null>(rows).fill(null))
      }
      for (const [name, list] of lists) list.push(values?.[name] ?? null)
      rows += 1
      return problems
    },
    settle,
    flush() {
      settle()
      const values = new Map(
        [...lists].map(([name, list]) => [name, list.map((value) => asKind(value, numbers.has(name)))]),
      )
      for (const name of lists.keys()) lists.set(name, [])
      rows = 0
      return values
    },
  }
}

function extraOf(spec: unknown): ExtraValues | undefined {
  return typeof spec === 'object' && spec !== null ? (spec as { [EXTRA]?: ExtraValues })[EXTRA] : undefined
}

function areNumbers(list: readonly (ExtraValue | null)[]): boolean {
  const values = list.filter((value) => value !== null && !value.na)
  return values.length > 0 && values.every((value) => value?.number !== undefined)
}

function asKind(value: ExtraValue | null, isNumber: boolean): string | number | null {
  if (value === null) return null
  return isNumber ? (value.number ?? null) : value.text
}
