import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ColumnType, TableSchema } from '../../src/table/schema.js'
import { temporaryFolder } from '../support/folders.js'
import { runPython } from '../support/python.js'

/** What pyarrow and pandas find in a file. */
export interface PythonTable {
  /** By pyarrow: every column's values, as `exactly` writes them. */
  readonly columns: Readonly<Record<string, unknown[]>>
  /** A row group's `[least, greatest, nulls]` of each column that has bounds. */
  readonly statistics: readonly Readonly<Record<string, [string, string, number]>>[]
  readonly pandas: {
    readonly rows: number
    readonly index: readonly (string | null)[]
    readonly index_dtypes: readonly string[]
    readonly range: boolean
    readonly dtypes: Readonly<Record<string, string>>
  }
}

/** Reads many files in one run of Python. */
export async function readByPython(files: readonly Uint8Array[]): Promise<PythonTable[]> {
  const folder = await temporaryFolder()
  const paths = files.map((_, i) => join(folder, `${i}.pq`))
  await Promise.all(files.map((bytes, i) => writeFile(paths[i]!, bytes)))
  return await runPython<PythonTable[]>(new URL('read_tables.py', import.meta.url), paths)
}

/** The columns of a table as Python tells them. */
export function exactColumns({ columns }: TableSchema, rows: readonly Readonly<Record<string, unknown>>[]) {
  return Object.fromEntries(columns.map(({ name, type }) => [name, rows.map((row) => exactly(type, row[name]))]))
}

function exactly(type: ColumnType, value: unknown): unknown {
  if (value === null || value === undefined) return null
  switch (type.kind) {
    case 'int64':
      return { int64: String(value) }
    case 'double':
      return { double: Number.isNaN(value) ? 'nan' : bits(value as number) }
    case 'date':
      return { days: String(Date.parse(value as string) / 86_400_000) }
    case 'timestamp':
      return { 'timestamp[ms, tz=UTC]': String((value as Date).getTime()) }
    case 'json':
      return JSON.stringify(value)
    case 'list':
      return (value as unknown[]).map((item) => exactly(type.item, item))
    case 'struct': {
      if (type.fields.length === 0) return JSON.stringify(value)
      const fields = value as Record<string, unknown>
      return Object.fromEntries(type.fields.map((field) => [field.name, exactly(field.type, fields[field.name])]))
    }
    default:
      return value
  }
}

function bits(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes.toString('hex')
}
