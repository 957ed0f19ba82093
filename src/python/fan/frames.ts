import { isDeepStrictEqual } from 'node:util'
import { SORT_SUBINDEX } from '../../experiment/tables.js'
import type { SpecPart } from '../../scatter/spec-batch.js'
import { own as ownOf } from '../../settings/own.js'
import { openTable, type TableFile } from '../../table/file.js'
import type { Column, TableSchema } from '../../table/schema.js'
import { decodeSlice, readSlice } from '../../table/slice.js'
import { bytesSource } from '../../table/source.js'
import { encodeTable } from '../../table/writer.js'
import { widenValue } from './columns.js'

/** The columns that identify the spec of a row, and their values for one spec. */
export interface Place {
  readonly columns: readonly Column[]
  readonly values: Readonly<Record<string, unknown>>
  /** Whether a Python fan combines these tables with others, whose index must be equal. */
  readonly isBranch: boolean
}

/**
 * Returns a data frame that a task stored, as a part. A frame that does not identify its spec, such
 * as a user's own table, gets the spec's index first, then its own index, then a number for each
 * row if there are several.
 */
export async function framePart(bytes: Uint8Array, place: Place): Promise<SpecPart> {
  const file = await openTable(bytesSource(bytes))
  if (file.isScythe && file.schema.index.includes('sort_index')) return { bytes, rows: file.rows }
  const data = await decode(bytes, file)
  const { schema, rows } = file
  if (schema.index.includes('sort_index')) return { bytes: encodeTable(schema, data, rows), rows }
  return placedPart(schema, data, rows, place, rows > 1 ? [SORT_SUBINDEX] : [])
}

/**
 * Returns rows with the index of their spec; in a branch, with its columns. Columns of the rows
 * take precedence over those of the spec.
 */
export function placedPart(
  { columns, index }: TableSchema,
  data: Readonly<Record<string, unknown[]>>,
  rows: number,
  place: Place,
  numbers: readonly Column[] = [],
): SpecPart {
  const isOwn = ({ name }: Column) => columns.some((column) => column.name === name)
  const placed = place.columns.filter((column) => !isOwn(column))
  const numbered = numbers.filter((column) => !isOwn(column))
  const own = columns.filter(({ name }) => !index.includes(name))
  const levels = [...placed, ...columns.filter(({ name }) => index.includes(name)), ...numbered]
  const all: Record<string, unknown[]> = { ...data }
  for (const { name } of placed) all[name] = new Array<unknown>(rows).fill(ownOf(place.values, name) ?? null)
  for (const { name } of numbered) all[name] = Array.from({ length: rows }, (_, row) => row)
  const schema = { columns: [...own, ...levels], index: place.isBranch ? index : levels.map(({ name }) => name) }
  return { bytes: encodeTable(schema, all, rows), rows }
}

/**
 * Returns a part with exactly the columns of `schema`, which `unify` determined for this part and
 * others.
 */
export async function fitPart(bytes: Uint8Array, schema: TableSchema): Promise<Uint8Array> {
  const file = await openTable(bytesSource(bytes))
  if (isDeepStrictEqual(file.schema, schema)) return bytes
  const data = await decode(bytes, file)
  const fitted = schema.columns.map(({ name, type }) => [
    name,
    ownOf(data, name)?.map((value) => widenValue(type, value)) ??
      // The only row of a spec has no number.
      new Array<unknown>(file.rows).fill(name === SORT_SUBINDEX.name ? 0 : null),
  ])
  return encodeTable(schema, Object.fromEntries(fitted), file.rows)
}

async function decode(bytes: Uint8Array, file: TableFile): Promise<Record<string, unknown[]>> {
  const source = bytesSource(bytes)
  const data = Object.fromEntries(file.schema.columns.map(({ name }) => [name, [] as unknown[]]))
  for (let group = 0; group < file.rowGroups.length; group++) {
    const columns = await decodeSlice(await readSlice(source, file, group))
    for (const [name, values] of Object.entries(columns)) for (const value of values) data[name]!.push(value)
  }
  return data
}
