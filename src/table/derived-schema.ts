import { type FileMetaData, parquetSchema, type SchemaElement, type SchemaTree } from 'hyparquet'
import { isListLike } from 'hyparquet/src/schema.js'
import { pandasIndex } from './pandas.js'
import type { Column, ColumnType, TableSchema } from './schema.js'

/**
 * Derives the schema of a file that another writer made, from Parquet's types and the index that
 * pandas left in the footer.
 */
export function deriveSchema(metadata: FileMetaData): TableSchema {
  const { index, unnamed } = pandasIndex(metadata.key_value_metadata ?? [])
  const columns = parquetSchema(metadata)
    .children.filter(({ element }) => !unnamed.includes(element.name))
    .map((node): Column => ({ name: nameOf(node), type: columnType(node, isBeyondNumbers(metadata, node)) }))
  return { columns, index: index.filter((name) => columns.some((column) => column.name === name)) }
}

/** Returns the name of a column. From a damaged footer, hyparquet returns elements of any kind. */
function nameOf({ element: { name } }: SchemaTree): string {
  if (typeof name !== 'string') throw new Error('a column has no name')
  return name
}

function columnType(node: SchemaTree, bigint: boolean): ColumnType {
  const { element, children } = node
  if (element.repetition_type === 'REPEATED') return { kind: 'list', item: singleType(node, bigint) }
  if (!isListLike(node)) return singleType(node, bigint)
  const repeated = children[0]!
  // In lists of three levels, another group wraps the item; older writers repeat the item itself.
  const item = repeated.children[0] ?? repeated
  return { kind: 'list', item: item === repeated ? singleType(item, bigint) : columnType(item, bigint) }
}

function singleType({ element, children }: SchemaTree, bigint: boolean): ColumnType {
  if (children.length === 0) return leafType(element, bigint)
  // Maps and variants may hold any value.
  if (element.converted_type || element.logical_type) return { kind: 'json' }
  return {
    kind: 'struct',
    fields: children.map((child) => ({ name: child.element.name, type: columnType(child, bigint) })),
  }
}

function leafType({ type, converted_type, logical_type }: SchemaElement, bigint: boolean): ColumnType {
  const logical = logical_type?.type
  if (logical === 'NULL' || logical === 'JSON' || converted_type === 'JSON') return { kind: 'json' }
  if (logical === 'DATE' || converted_type === 'DATE') return { kind: 'date' }
  if (logical === 'TIMESTAMP' || converted_type?.startsWith('TIMESTAMP') || type === 'INT96')
    return { kind: 'timestamp' }
  if (logical === 'DECIMAL' || converted_type === 'DECIMAL' || logical === 'FLOAT16') return { kind: 'double' }
  switch (type) {
    case 'BOOLEAN':
      return { kind: 'boolean' }
    case 'INT32':
    case 'INT64':
      return bigint ? { kind: 'int64', bigint } : { kind: 'int64' }
    case 'FLOAT':
    case 'DOUBLE':
      return { kind: 'double' }
    default:
      return { kind: 'string' }
  }
}

/**
 * Returns whether a column holds integers that a number cannot, according to the bounds in the row
 * groups.
 */
function isBeyondNumbers({ row_groups }: FileMetaData, { path }: SchemaTree): boolean {
  return row_groups.some(({ columns }) =>
    columns
      .filter(({ meta_data }) => meta_data?.path_in_schema[0] === path[0])
      .flatMap(({ meta_data }) => [meta_data?.statistics?.min_value, meta_data?.statistics?.max_value])
      .some((bound) => typeof bound === 'bigint' && !Number.isSafeInteger(Number(bound))),
  )
}
