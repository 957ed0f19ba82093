import { isUtf8 } from 'node:buffer'
import { toJson } from 'hyparquet'
import { own } from '../settings/own.js'
import { ColumnValueInvalidError } from './errors.js'
import { leafType } from './parquet-schema.js'
import {
  bigint64,
  boolean,
  days,
  expectedValue,
  type FlatType,
  milliseconds,
  mixedValue,
  number,
  safeInteger,
  text,
} from './physical.js'
import type { ColumnType } from './schema.js'

/**
 * Converts a value from hyparquet into a value of a column of this type. Integers may come as
 * numbers or bigints, JSON as its text, and a missing value as `undefined`. Throws
 * `ColumnValueInvalidError` with the path inside the column.
 */
export function fitValue(type: ColumnType, value: unknown, path: string, row: number): unknown {
  if (value === null || value === undefined) return null
  if (type.kind === 'list') {
    if (!Array.isArray(value)) throw new ColumnValueInvalidError(path, row, value, expectedValue(type))
    return value.map((item, i) => fitValue(type.item, item, `${path}[${i}]`, row))
  }
  if (type.kind === 'struct' && type.fields.length > 0) {
    if (typeof value !== 'object') throw new ColumnValueInvalidError(path, row, value, expectedValue(type))
    const fields = value as Record<string, unknown>
    return Object.fromEntries(
      type.fields.map((field) => [
        field.name,
        fitValue(field.type, own(fields, field.name), `${path}.${field.name}`, row),
      ]),
    )
  }
  const fitting = fitFlat(leafType(type)!, value)
  if (fitting === undefined) throw new ColumnValueInvalidError(path, row, value, expectedValue(type))
  return fitting
}

function fitFlat(type: FlatType, value: unknown): unknown {
  switch (type.kind) {
    case 'int64':
      if (type.bigint) return bigint64(Number.isSafeInteger(value) ? BigInt(value as number) : value)
      return safeInteger(typeof value === 'bigint' ? Number(value) : value)
    case 'double':
      return number(typeof value === 'bigint' ? Number(value) : value)
    case 'string':
      return type.mixed ? mixedValue(value) : text(value instanceof Uint8Array ? textOf(value) : value)
    case 'boolean':
      return boolean(value)
    case 'date':
      return days(value) === undefined ? undefined : value
    case 'timestamp':
      return milliseconds(value) === undefined ? undefined : value
    case 'json':
      if (value instanceof Uint8Array) return undefined
      return typeof value === 'string' ? parsedJson(value) : toJson(value)
  }
}

/** Decodes bytes as text. Bytes of a fixed length may also be text. */
function textOf(bytes: Uint8Array): unknown {
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString() : bytes
}

function parsedJson(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
