import { type CompressionCodec, parquetSchema, type SchemaElement, type SchemaTree } from 'hyparquet'
import type { FlatType } from './physical.js'
import type { ColumnType, TableSchema } from './schema.js'

/**
 * A column of values that Parquet stores. A table's column is one leaf, or several leaves if it is
 * nested.
 */
export interface Leaf {
  /** The nodes from the root of the schema to this leaf. */
  readonly nodes: readonly SchemaTree[]
  readonly element: SchemaElement
  readonly path: readonly string[]
  readonly codec: CompressionCodec
}

/** Returns a table's columns as Parquet's schema, root first. All columns are optional. */
export function parquetElements(schema: TableSchema): SchemaElement[] {
  return [
    { name: 'schema', num_children: schema.columns.length },
    ...schema.columns.flatMap(({ name, type }) => typeElements(name, type)),
  ]
}

/** Returns the leaves of each column, in order. */
export function leavesOfColumns(elements: SchemaElement[]): Leaf[][] {
  const root = parquetSchema({ schema: elements })
  return root.children.map((column) => leavesUnder([root, column]))
}

/**
 * Returns the type of a column, or of a part of a column, that is a single leaf. Returns
 * `undefined` if it is a group of leaves.
 */
export function leafType(type: ColumnType): FlatType | undefined {
  if (type.kind === 'list') return undefined
  // Parquet has no group without fields.
  if (type.kind === 'struct') return type.fields.length === 0 ? { kind: 'json' } : undefined
  return type
}

function leavesUnder(nodes: SchemaTree[]): Leaf[] {
  const node = nodes[nodes.length - 1]!
  if (node.children.length > 0) return node.children.flatMap((child) => leavesUnder([...nodes, child]))
  return [{ nodes, element: node.element, path: node.path, codec: codecOf(node.element) }]
}

/**
 * Returns the codec of a column. Texts are compressed, because they repeat (a run's id is on every
 * row). Compressing numbers is not worth the time.
 */
function codecOf(element: SchemaElement): CompressionCodec {
  return element.type === 'BYTE_ARRAY' ? 'SNAPPY' : 'UNCOMPRESSED'
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
      if (type.fields.length === 0) return [textElement(name)]
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
