import type { KeyValue } from 'hyparquet'
import type { ColumnType, TableSchema } from './schema.js'

/**
 * The key under which pandas stores information that Parquet does not have: the index columns, and
 * the dtypes of the columns.
 */
export const PANDAS_KEY = 'pandas'

/**
 * Returns the metadata that lets `pd.read_parquet` restore the index and the dtypes. Without an
 * index, the metadata declares one that counts rows from 0.
 */
export function pandasMetadata(schema: TableSchema, rows: number, hasNulls: (column: string) => boolean): string {
  return JSON.stringify({
    index_columns:
      schema.index.length > 0 ? schema.index : [{ kind: 'range', name: null, start: 0, stop: rows, step: 1 }],
    column_indexes: [
      { name: null, field_name: null, pandas_type: 'unicode', numpy_type: 'object', metadata: { encoding: 'UTF-8' } },
    ],
    columns: schema.columns.map(({ name, type }) => ({ name, field_name: name, ...dtype(type, hasNulls(name)) })),
    creator: { library: 'scythe' },
    pandas_version: '2.2.3',
  })
}

interface Dtype {
  readonly pandas_type: string
  readonly numpy_type: string
  readonly metadata: { readonly timezone: string } | null
}

function dtype(type: ColumnType, hasNulls: boolean): Dtype {
  switch (type.kind) {
    case 'int64':
      // NumPy's integers have no null, and pandas would use floats, which are not exact.
      return { pandas_type: 'int64', numpy_type: hasNulls ? 'Int64' : 'int64', metadata: null }
    case 'double':
      return { pandas_type: 'float64', numpy_type: 'float64', metadata: null }
    case 'boolean':
      return { pandas_type: 'bool', numpy_type: hasNulls ? 'object' : 'bool', metadata: null }
    case 'date':
      return { pandas_type: 'date', numpy_type: 'object', metadata: null }
    case 'timestamp':
      return { pandas_type: 'datetimetz', numpy_type: 'datetime64[ms]', metadata: { timezone: 'UTC' } }
    case 'string':
    case 'json':
      return { pandas_type: 'unicode', numpy_type: 'object', metadata: null }
    case 'list':
    case 'struct':
      return { pandas_type: 'object', numpy_type: 'object', metadata: null }
  }
}

interface PandasMetadata {
  readonly index_columns?: readonly unknown[]
  readonly columns?: readonly { readonly name?: unknown; readonly field_name?: unknown }[]
}

/**
 * Returns pandas' index from a footer: the columns by name, and those without a name (they number
 * the rows, and are not data).
 */
export function pandasIndex(metadata: readonly KeyValue[]): { index: string[]; unnamed: string[] } {
  const text = metadata.find(({ key }) => key === PANDAS_KEY)?.value
  const { index_columns = [], columns = [] } = (text ? JSON.parse(text) : {}) as PandasMetadata
  const fields = index_columns.filter((column) => typeof column === 'string')
  const isUnnamed = (field: string) =>
    columns.some(({ name, field_name }) => field_name === field && (name ?? null) === null)
  return { index: fields.filter((field) => !isUnnamed(field)), unnamed: fields.filter(isUnnamed) }
}
