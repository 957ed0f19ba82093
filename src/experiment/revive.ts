import type { z } from 'zod'
import { own } from '../settings/own.js'
import type { Column, ColumnType } from '../table/schema.js'
import { ABSENT_FIELDS, absentReader, withoutAbsent } from './absent.js'
import { columnsOf } from './columns.js'
import type { Experiment } from './experiment.js'
import { kindWithin, type Schema, takesNull } from './schema.js'

type Row = Record<string, unknown>

/** A range of rows of a table, by column. The object inherits nothing. */
type Columns = Readonly<Record<string, readonly unknown[]>>

/**
 * Returns a function that converts a row of `specs.pq` into the spec for the experiment's function.
 * The spec has the input's fields, and fields that were missing are missing again.
 */
export function reviveSpec({ input }: Pick<Experiment, 'input'>): (columns: Columns, row: number) => Row {
  const fields = revivedFields(input.shape as Record<string, Schema>, columnsOf(input))
  const absentIn = absentReader()
  let last: Columns | undefined
  let lists: (readonly unknown[] | undefined)[] = []
  let absences: readonly unknown[] | undefined
  return (columns, row) => {
    // Looking up the columns takes longer than everything else, so it is done once per range of
    // rows.
    if (columns !== last) {
      lists = fields.map(({ name }) => columns[name])
      absences = columns[ABSENT_FIELDS.name]
    }
    last = columns
    const absent = absences && absentIn(absences[row])
    const spec: Row = {}
    for (let i = 0; i < fields.length; i++) setField(spec, fields[i]!, lists[i]?.[row], absent?.names)
    if (absent)
      for (const [name, part] of absent.within)
        if (Object.hasOwn(spec, name)) spec[name] = withoutAbsent(spec[name], part)
    return spec
  }
}

/**
 * Returns a function that converts a row of a table into the value that parsing with this schema
 * returned.
 */
export function reviveRow(object: z.ZodObject): (row: Row) => Row {
  return fieldsReviver(object.shape as Record<string, Schema>, columnsOf(object))
}

function fieldsReviver(shape: Readonly<Record<string, Schema>>, columns: readonly Column[]): (row: Row) => Row {
  const fields = revivedFields(shape, columns)
  return (row) => {
    const spec: Row = {}
    for (let i = 0; i < fields.length; i++) setField(spec, fields[i]!, own(row, fields[i]!.name))
    return spec
  }
}

interface RevivedField {
  readonly name: string
  /** Whether null in the column means a missing field, because the schema does not accept null. */
  readonly absent: boolean
  readonly revive: ((value: unknown) => unknown) | undefined
}

function revivedFields(shape: Readonly<Record<string, Schema>>, columns: readonly Column[]): RevivedField[] {
  return columns.map(({ name, type }) => {
    const schema = shape[name]!
    return { name, absent: !takesNull(schema), revive: reviver(schema, type) }
  })
}

function setField(row: Row, field: RevivedField, value: unknown, absent?: ReadonlySet<string>): void {
  const { name, revive } = field
  if (value !== null && value !== undefined) row[name] = revive ? revive(value) : value
  else if (!field.absent && !absent?.has(name)) row[name] = null
}

/**
 * Returns a function that converts the values of a column back into those of the schema. Returns
 * `undefined` if they need no conversion.
 */
function reviver(schema: Schema, type: ColumnType): ((value: unknown) => unknown) | undefined {
  if (type.kind === 'struct') {
    const object = kindWithin(schema, 'object')
    const shape = object._zod.def.shape as Record<string, Schema>
    return fieldsReviver(shape, type.fields) as (value: unknown) => unknown
  }
  if (type.kind === 'list') {
    const element = kindWithin(schema, 'array')._zod.def.element as Schema
    const revive = reviver(element, type.item)
    const nothing = takesNull(element) ? null : undefined
    if (!revive && (nothing === null || element._zod.optout === undefined)) return undefined
    return (items) => (items as unknown[]).map((item) => (item === null ? nothing : revive ? revive(item) : item))
  }
  return undefined
}
