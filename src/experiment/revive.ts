import type { z } from 'zod'
import type { Column, ColumnType } from '../table/schema.js'
import { columnsOf } from './columns.js'
import type { Experiment } from './experiment.js'
import { optionsOf, type Schema, takesNull, unwrap } from './schema.js'

type Row = Record<string, unknown>

/** Turns a row of `specs.pq` into what the function is handed: the input's own fields, with absent ones absent again. */
export function reviveSpec({ input }: Pick<Experiment, 'input'>): (row: Row) => Row {
  return reviveRow(input)
}

/** Turns a row of a table into what parsing with this schema gave. */
export function reviveRow(object: z.ZodObject): (row: Row) => Row {
  return fieldsReviver(object.shape as Record<string, Schema>, columnsOf(object))
}

function fieldsReviver(shape: Readonly<Record<string, Schema>>, columns: readonly Column[]): (row: Row) => Row {
  const fields = columns.map(({ name, type }) => {
    const schema = shape[name]!
    // A column's null is "nothing there", unless the schema knows null as a value.
    return { name, absent: !takesNull(schema), revive: reviver(schema, type) }
  })
  return (row) => {
    const spec: Row = {}
    for (const { name, absent, revive } of fields) {
      const value = row[name] ?? null
      if (value !== null) spec[name] = revive ? revive(value) : value
      else if (!absent) spec[name] = null
    }
    return spec
  }
}

/** How values of a column become the schema's again, or `undefined` where they are. */
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

/** The object or array within wrappers and unions. The column's type says that there is one. */
function kindWithin<K extends 'object' | 'array'>(
  schema: Schema,
  kind: K,
): Extract<Schema, { _zod: { def: { type: K } } }> {
  if (schema._zod.def.type === kind) return schema as Extract<Schema, { _zod: { def: { type: K } } }>
  return kindWithin(unwrap(schema) ?? optionsOf(schema)[0]!, kind)
}
