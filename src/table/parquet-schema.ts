import type { CompressionCodec, SchemaElement, SchemaTree } from 'hyparquet'
import { parquetSchema } from 'hyparquet'
import type { Column, ColumnType, TableSchema } from './schema.js'

/** A column of values that Parquet stores: a table's column is one leaf, or several where it is nested. */
export interface Leaf {
  /** The nodes from the root of the schema to this leaf. */
  readonly nodes: readonly SchemaTree[]
  readonly element: SchemaElement
  readonly path: readonly string[]
  readonly codec: CompressionCodec
}

/** A table's columns as Parquet's schema, root first. Everything is optional. */
export function parquetElements(schema: TableSchema): SchemaElement[] {
  return [{ name: 'schema', num_children: schema.columns.length }, ...schema.columns.flatMap(columnElements)]
}

/** The leaves of each column, in order. */
export function leavesOfColumns(elements: SchemaElement[]): Leaf[][] {
  const root = parquetSchema({ schema: elements })
  return root.children.map((column) => leavesUnder([root, column]))
}

/** Parquet has no group without fields: a column with one in it is stored as its JSON text. */
export function storedAsText(type: ColumnType): boolean {
  if (type.kind === 'json') return true
  if (type.kind === 'list') return hasEmptyStruct(type.item)
  return hasEmptyStruct(type)
}

function hasEmptyStruct(type: ColumnType): boolean {
  if (type.kind === 'list') return hasEmptyStruct(type.item)
  if (type.kind === 'struct') return type.fields.length === 0 || type.fields.some((field) => hasEmptyStruct(field.type))
  return false
}

function leavesUnder(nodes: SchemaTree[]): Leaf[] {
  const node = nodes[nodes.length - 1]!
  if (node.children.length > 0) return node.children.flatMap((child) => leavesUnder([...nodes, child]))
  return [{ nodes, element: node.element, path: node.path, codec: codecOf(node.element) }]
}

/** Text repeats itself (a run's id is on every row); numbers are not worth the time. */
function codecOf(element: SchemaElement): CompressionCodec {
  return element.type === 'BYTE_ARRAY' ? 'SNAPPY' : 'UNCOMPRESSED'
}

function columnElements({ name, type }: Column): SchemaElement[] {
  return storedAsText(type) ? [textElement(name)] : typeElements(name, type)
}

function typeElements(name: string, type: ColumnType): SchemaElement[] {
  const optional = { name, repetition_type: 'OPTIONAL' } as const
  switch (type.kind) {
    case 'int64':
      return [{ ...optional, type: 'INT64' }]
    case 'double':
      return [{ ...optional, type: 'DOUBLE' }]
    case 'boolean':
      return [{ ...optional, type: 'BOOLEAN' }]
    case 'date':
      return [{ ...optional, type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } }]
    case 'timestamp':
      return [
        {
          ...optional,
          type: 'INT64',
          converted_type: 'TIMESTAMP_MILLIS',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
        },
      ]
    case 'string':
    case 'json':
      return [textElement(name)]
    case 'list':
      return [
        { ...optional, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...typeElements('element', type.item),
      ]
    case 'struct':
      return [
        { ...optional, num_children: type.fields.length },
        ...type.fields.flatMap((field) => typeElements(field.name, field.type)),
      ]
  }
}

function textElement(name: string): SchemaElement {
  return {
    name,
    repetition_type: 'OPTIONAL',
    type: 'BYTE_ARRAY',
    converted_type: 'UTF8',
    logical_type: { type: 'STRING' },
  }
}
