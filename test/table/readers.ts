import { createRequire } from 'node:module'
import { readRows } from '../../src/table/rows.js'
import type { ColumnType, TableSchema } from '../../src/table/schema.js'
import { bytesSource } from '../../src/table/source.js'

type Row = Record<string, unknown>

/** Every row, by our own reader. */
export async function readOurs(bytes: Uint8Array): Promise<Row[]> {
  const rows = []
  for await (const row of readRows(bytesSource(bytes))) rows.push(row)
  return rows
}

/** Every row, by parquetjs-lite, with its values in our types. */
export async function readParquetjs(bytes: Uint8Array, { columns }: TableSchema): Promise<Row[]> {
  const reader = await ParquetReader.openBuffer(Buffer.from(bytes))
  const cursor = reader.getCursor()
  const rows: Row[] = []
  for (let row = await cursor.next(); row; row = await cursor.next()) {
    const given = row
    rows.push(Object.fromEntries(columns.map(({ name, type }) => [name, ourValue(type, given[name])])))
  }
  return rows
}

interface ParquetjsReader {
  getCursor(): { next(): Promise<Row | null> }
}

const { ParquetReader } = createRequire(import.meta.url)('parquetjs-lite') as {
  ParquetReader: { openBuffer(bytes: Buffer): Promise<ParquetjsReader> }
}

/** parquetjs-lite gives integers as bigints, dates as `Date`, lists as their groups, and leaves out what is null. */
function ourValue(type: ColumnType, value: unknown): unknown {
  if (value === null || value === undefined) return null
  switch (type.kind) {
    case 'int64':
      return type.bigint ? value : Number(value)
    case 'date':
      return (value as Date).toISOString().slice(0, 10)
    case 'json':
      return JSON.parse(value as string)
    case 'list':
      return ((value as { list?: { element?: unknown }[] }).list ?? []).map(({ element }) =>
        ourValue(type.item, element),
      )
    case 'struct':
      return Object.fromEntries(
        type.fields.map((field) => [field.name, ourValue(field.type, (value as Row)[field.name])]),
      )
    default:
      return value
  }
}
