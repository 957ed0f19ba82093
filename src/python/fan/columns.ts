import { isDeepStrictEqual } from 'node:util'
import { wireValue } from '../../experiment/wire.js'
import { own } from '../../settings/own.js'
import type { TableFile } from '../../table/file.js'
import type { ColumnType, TableSchema } from '../../table/schema.js'

/** The known columns of a table. A column that contains only nulls may be of any type. */
interface Shape {
  readonly columns: readonly { readonly name: string; readonly type: ColumnType | undefined }[]
  readonly index: readonly string[]
}

/** Returns the shape of a table. pandas writes no type for a column that contains only nulls. */
export function shapeOf({ schema, metadata }: TableFile): Shape {
  const onlyNulls = (column: string) =>
    metadata.row_groups.every(({ columns }) =>
      columns
        .filter(({ meta_data }) => meta_data!.path_in_schema[0] === column)
        .every(({ meta_data }) => meta_data!.statistics?.null_count === meta_data!.num_values),
    )
  const columns = schema.columns.map(({ name, type }) => ({
    name,
    type: type.kind === 'json' && onlyNulls(name) ? undefined : type,
  }))
  return { columns, index: schema.index }
}

/**
 * Returns the schema that fits the rows of all these tables: every column of each table, in the
 * widest of its types, with the index last. If some tables do not have their spec in the index, the
 * index has only the columns that are in the index of every table.
 */
export function unify(shapes: readonly Shape[]): TableSchema {
  const types = new Map<string, ColumnType | undefined>()
  for (const { columns } of shapes) for (const { name, type } of columns) types.set(name, widest(types.get(name), type))
  const joined = shapes.every(({ index }) => index.includes('sort_index'))
  const levels = [...new Set(shapes.flatMap(({ index }) => index))]
  const index = levels.filter((name) => joined || shapes.every(({ index }) => index.includes(name)))
  const names = [...[...types.keys()].filter((name) => !index.includes(name)), ...index]
  return {
    columns: names.map((name) => ({ name, type: types.get(name) ?? { kind: 'json' } })),
    index,
  }
}

function widest(a: ColumnType | undefined, b: ColumnType | undefined): ColumnType | undefined {
  if (a === undefined || b === undefined) return a ?? b
  if (isDeepStrictEqual(a, b)) return a
  if (a.kind === 'int64' && b.kind === 'int64') return { kind: 'int64', bigint: true }
  if (isNumber(a) && isNumber(b)) return { kind: 'double' }
  if (a.kind === 'list' && b.kind === 'list') return { kind: 'list', item: widest(a.item, b.item)! }
  if (a.kind === 'struct' && b.kind === 'struct') {
    const fields = unify([a, b].map(({ fields }) => ({ columns: fields, index: [] }))).columns
    return { kind: 'struct', fields }
  }
  return isText(a) && isText(b) ? { kind: 'string' } : { kind: 'json' }
}

function isNumber({ kind }: ColumnType): boolean {
  return kind === 'int64' || kind === 'double'
}

function isText({ kind }: ColumnType): boolean {
  return kind !== 'json' && kind !== 'list' && kind !== 'struct'
}

/** Converts a value of a column to the wider type that `unify` determined. */
export function widenValue(type: ColumnType, value: unknown): unknown {
  if (value === null || value === undefined) return null
  switch (type.kind) {
    case 'double':
      return Number(value)
    case 'int64':
      return type.bigint ? BigInt(value as number) : value
    case 'string':
      return typeof value === 'string' ? value : text(value)
    case 'json':
      return wireValue(value)
    case 'list':
      return (value as unknown[]).map((item) => widenValue(type.item, item))
    case 'struct': {
      const fields = value as Record<string, unknown>
      return Object.fromEntries(
        type.fields.map((field) => [field.name, widenValue(field.type, own(fields, field.name))]),
      )
    }
    default:
      return value
  }
}

function text(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value)
}
