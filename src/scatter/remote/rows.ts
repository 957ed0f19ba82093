import { faultOf } from '../../error-codes.js'
import { OutputInvalidError } from '../../execute/errors.js'
import type { SpecError } from '../../experiment/spec-error.js'
import { own as ownOf } from '../../settings/own.js'
import { hideSecrets, withoutSecrets } from '../../settings/secrets.js'
import { asMeant, meaningsOf } from '../../store/address.js'
import { ObjectNotFoundError } from '../../store/errors.js'
import type { Store } from '../../store/store.js'
import { createTableAssembler } from '../../table/assemble.js'
import { openTable } from '../../table/file.js'
import { fitValue } from '../../table/fit.js'
import type { Column, TableSchema } from '../../table/schema.js'
import { decodeSlice, readSlice } from '../../table/slice.js'
import { bytesSource } from '../../table/source.js'
import { legible } from '../../table/well-formed.js'
import { encodeTable } from '../../table/writer.js'
import type { Allocation } from '../allocation.js'
import type { SpecParts } from '../spec-batch.js'
import { columnValue, type RemoteOutput } from './output.js'

type Row = Readonly<Record<string, unknown>>

const FIXED_TABLES = ['scalars', 'errors', 'result_file_refs']

/**
 * Encodes the rows of a spec that has a result. `place` has the values of the tables' index.
 * Rejects with `OutputInvalidError` if the output does not fit.
 */
export async function resultTables(
  folder: Store,
  { tables, remote }: Allocation,
  place: Row,
  { fields, frames }: RemoteOutput,
): Promise<SpecParts> {
  const result: Record<string, SpecParts[string]> = Object.create(null)
  for (const table of ['scalars', 'result_file_refs']) {
    const schema = tables[table]
    if (!schema) continue
    result[table] = await fitting('The output', () => encodeRows(schema, place, oneRow(schema, fields), 1))
  }
  for (const [table, uri] of Object.entries(frames)) {
    const schema = ownOf(tables, table)
    if (!schema || FIXED_TABLES.includes(table)) continue
    const required = (remote && ownOf(remote.tables, table)?.required) ?? []
    const frame = await fitting(`The table ${uri}`, () => readFrame(folder, uri, ownColumns(schema), required))
    if (frame.rows > 0) result[table] = encodeRows(schema, place, frame.columns, frame.rows)
  }
  return result
}

async function fitting<T>(what: string, make: () => T | Promise<T>): Promise<T> {
  try {
    return await make()
  } catch (error) {
    if (faultOf(error) !== 'data') throw error
    throw new OutputInvalidError(`${what} does not fit: ${(error as Error).message}`, { cause: error })
  }
}

/** Encodes the error row of a spec that has no result. */
export function errorTables({ tables }: Allocation, place: Row, error: Partial<SpecError>): SpecParts {
  const schema = tables.errors!
  const row = Object.fromEntries(
    Object.entries(error).map(([name, value]) => [
      `error_${name}`,
      typeof value === 'string' ? hideSecrets(legible(value)) : value,
    ]),
  )
  return { errors: encodeRows(schema, place, oneRow(schema, row), 1) }
}

/** Joins the rows of many specs into one part, in their order. */
export async function joinTables(schema: TableSchema, parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const table = createTableAssembler(schema, { rowGroupSize: Number.POSITIVE_INFINITY })
  const pieces = []
  for (const part of parts) pieces.push(...(await table.addPart(part)))
  pieces.push(...table.finish())
  return Buffer.concat(pieces as Uint8Array[])
}

function oneRow(schema: TableSchema, values: Row): Record<string, unknown[]> {
  return Object.fromEntries(
    ownColumns(schema).map(({ name, type }) => [name, [columnValue(type, ownOf(values, name))]]),
  )
}

/**
 * Encodes columns beside the spec that they belong to: every row has the spec's index, and a number
 * of its own.
 */
function encodeRows(schema: TableSchema, place: Row, own: Readonly<Record<string, unknown[]>>, rows: number) {
  const data = schema.columns.map(({ name }) => {
    if (name === 'sort_subindex') return [name, Array.from({ length: rows }, (_, i) => i)] as const
    return [
      name,
      ownOf(own, name) ?? new Array<unknown>(rows).fill(withoutSecrets(ownOf(place, name) ?? null)),
    ] as const
  })
  return { bytes: encodeTable(schema, Object.fromEntries(data), rows), rows }
}

function ownColumns({ columns, index }: TableSchema): Column[] {
  return columns.filter(({ name }) => !index.includes(name))
}

/** Reads the columns of a data frame that a worker stored, whatever index it has. */
async function readFrame(folder: Store, uri: string, columns: readonly Column[], required: readonly string[]) {
  if (meaningsOf(uri).every((address) => folder.keyOf(address) === undefined)) {
    throw new OutputInvalidError(`The table ${uri} lies outside of the run, ${folder.uri}.`)
  }
  const bytes = await asMeant(uri, async (address) => {
    const key = folder.keyOf(address)
    if (key === undefined) throw new ObjectNotFoundError(address, folder.uri)
    return folder.get(key)
  })
  const source = bytesSource(bytes)
  const file = await openTable(source)
  const stored = file.schema.columns.map(({ name }) => name)
  const missing = required.find((name) => !stored.includes(name))
  if (missing !== undefined) {
    throw new OutputInvalidError(`The table ${uri} has no column ${missing}; it has ${stored.join(', ')}.`)
  }
  const data = Object.fromEntries(columns.map(({ name }) => [name, [] as unknown[]]))
  const asked = { columns: file.schema.columns.filter(({ name }) => Object.hasOwn(data, name)), index: [] }
  for (let group = 0; group < file.rowGroups.length; group++) {
    const slice = await readSlice(source, file, group)
    const decoded = await decodeSlice(slice, asked)
    for (const { name, type } of columns) {
      const values = decoded[name] ?? new Array<unknown>(slice.rows).fill(null)
      // pandas writes NaN for a missing whole number.
      const known = (value: unknown) => (type.kind !== 'double' && Number.isNaN(value) ? null : value)
      for (let i = 0; i < slice.rows; i++) {
        data[name]!.push(fitValue(type, known(values[i]), name, slice.firstRow + i))
      }
    }
  }
  return { columns: data, rows: file.rows }
}
