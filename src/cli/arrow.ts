import type { DataType } from '@uwdata/flechette'
import { own } from '../settings/own.js'
import { looseText } from '../table/json-text.js'
import type { Column, ColumnType } from '../table/schema.js'
import { toJson } from './format.js'

type Flechette = typeof import('@uwdata/flechette')
type Row = Readonly<Record<string, unknown>>

const BATCH_ROWS = 50_000

/**
 * Returns rows as an Arrow file (IPC), which is made in memory. JSON is stored in it as text, as in
 * Parquet.
 */
export async function arrowFile(rows: AsyncIterable<Row>, columns: readonly Column[]): Promise<Uint8Array> {
  const arrow = await import('@uwdata/flechette')
  const types = columns.map(({ type }) => arrowType(type, arrow))
  const made = columns.map(() => [] as ReturnType<Flechette['columnFromArray']>['data'][number][])
  let values = columns.map(() => [] as unknown[])
  const flush = () => {
    for (const [n, type] of types.entries()) made[n]!.push(...arrow.columnFromArray(values[n]!, type).data)
    values = columns.map(() => [])
  }
  for await (const row of rows) {
    for (const [n, { name, type }] of columns.entries()) values[n]!.push(arrowValue(own(row, name), type))
    if (values[0]?.length === BATCH_ROWS) flush()
  }
  if ((values[0]?.length ?? 0) > 0 || made[0]?.length === 0) flush()
  const all = columns.map(({ name }, n) => [name, new arrow.Column(made[n]!, types[n])] as const)
  const bytes = arrow.tableToIPC(arrow.tableFromColumns([...all] as never), { format: 'file' })
  if (!bytes) throw new Error('The Arrow file was not made.')
  return bytes
}

function arrowType(type: ColumnType, arrow: Flechette): DataType {
  switch (type.kind) {
    case 'int64':
      return arrow.int64()
    case 'double':
      return arrow.float64()
    case 'boolean':
      return arrow.bool()
    case 'date':
      return arrow.dateDay()
    case 'timestamp':
      return arrow.timestamp(arrow.TimeUnit.MILLISECOND, 'UTC')
    case 'list':
      return arrow.list(arrowType(type.item, arrow))
    case 'struct':
      return arrow.struct(type.fields.map(({ name, type: field }) => arrow.field(name, arrowType(field, arrow))))
    default:
      return arrow.utf8()
  }
}

function arrowValue(value: unknown, type: ColumnType): unknown {
  if (value === null || value === undefined) return null
  switch (type.kind) {
    case 'int64':
      return BigInt(value as number | bigint)
    case 'date':
      return Date.parse(value as string)
    case 'timestamp':
      return (value as Date).getTime()
    case 'json':
      return toJson(value)
    case 'string':
      return type.mixed ? (typeof value === 'string' ? looseText(value) : String(value)) : value
    case 'list':
      return (value as unknown[]).map((item) => arrowValue(item, type.item))
    case 'struct':
      return Object.fromEntries(
        type.fields.map((field) => [field.name, arrowValue(own(value as Row, field.name), field.type)]),
      )
    default:
      return value
  }
}
