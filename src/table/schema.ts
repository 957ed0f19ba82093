/**
 * The type of a column's values. Every column may hold null, whatever its type, because the parts
 * of one table must fit together.
 *
 * | kind | in JavaScript | in Parquet |
 * | --- | --- | --- |
 * | `int64` | safe integer, or `bigint` if `bigint` is set | INT64 |
 * | `double` | number | DOUBLE |
 * | `string` | well-formed string; if `mixed` is set, also a number or a boolean | BYTE_ARRAY, STRING |
 * | `boolean` | boolean | BOOLEAN |
 * | `date` | `'YYYY-MM-DD'` | INT32, DATE |
 * | `timestamp` | `Date` (milliseconds, UTC) | INT64, TIMESTAMP(MILLIS, UTC) |
 * | `json` | any JSON value; for writing, also a `JsonText` | BYTE_ARRAY, STRING: its JSON text |
 * | `list` | array | LIST |
 * | `struct` | object | group |
 */
export type ColumnType =
  | { readonly kind: 'int64'; readonly bigint?: boolean }
  | { readonly kind: 'string'; readonly mixed?: boolean }
  | { readonly kind: 'double' | 'boolean' | 'date' | 'timestamp' | 'json' }
  | { readonly kind: 'list'; readonly item: ColumnType }
  | { readonly kind: 'struct'; readonly fields: readonly Column[] }

export interface Column {
  readonly name: string
  readonly type: ColumnType
}

/**
 * The columns of a table in order, and the columns that pandas uses as its (Multi)Index, in order.
 */
export interface TableSchema {
  readonly columns: readonly Column[]
  readonly index: readonly string[]
}

/**
 * The rows of a table, by column: the values of each column in row order. `null` and `undefined`
 * mean that there is no value.
 */
export type ColumnData = Readonly<Record<string, ArrayLike<unknown>>>
