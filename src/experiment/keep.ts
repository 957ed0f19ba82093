import { JsonText } from '../table/json-text.js'
import { copyDate, expectedValue, type FlatType, milliseconds, physicalOf } from '../table/physical.js'
import type { Column, ColumnType } from '../table/schema.js'
import { isText } from '../table/well-formed.js'
import { jsonTextOf } from './keep-json.js'
import { Fields, isInherited } from './own-fields.js'
import { Unkept, unpaired, within } from './unkept.js'

/**
 * Copies a value into the form that its column stores, so that the user's code cannot change it
 * afterwards. Throws `Unkept`.
 */
type Keep = (value: unknown) => unknown

/**
 * Returns a function that copies the values of an object from a schema, one for each column. The
 * result can always be encoded. `isOurs` means that nobody else has a reference to the object: the
 * values are then stored in the object itself, which is faster. Throws `Unkept`.
 */
export function rowKeeper(columns: readonly Column[], isOurs = false): (object: Record<string, unknown>) => Fields {
  const names = columns.map(({ name }) => name)
  const keeps = columns.map(({ type }) => keeper(type))
  const mayInherit = names.some(isInherited)
  return (object) => {
    const kept = isOurs ? object : new Fields()
    let i = 0
    try {
      for (; i < names.length; i++) {
        const name = names[i]!
        const value = mayInherit && !hasOwn(object, name) ? undefined : object[name]
        const taken = value === null || value === undefined ? value : keeps[i]!(value)
        // Missing fields are set, too, so that they are not inherited.
        if (!isOurs || taken !== value || mayInherit) kept[name] = taken
      }
    } catch (error) {
      throw within(names[i]!, error)
    }
    return kept
  }
}

const { hasOwn } = Object

function keeper(type: ColumnType): Keep {
  switch (type.kind) {
    case 'json':
      return (value) => new JsonText(jsonTextOf(value))
    case 'struct': {
      const keepFields = rowKeeper(type.fields)
      return (value) => {
        if (typeof value !== 'object') throw new Unkept(value, 'Expected an object')
        return keepFields(value as Record<string, unknown>)
      }
    }
    case 'list':
      return listKeeper(keeper(type.item))
    case 'timestamp':
      return (value) => (milliseconds(value) === undefined ? refuse(type, value) : copyDate(value))
    default: {
      const fits = physicalOf(type)
      return (value) => (fits(value) === undefined ? refuse(type, value) : value)
    }
  }
}

function listKeeper(keep: Keep): Keep {
  return (values) => {
    if (!Array.isArray(values)) throw new Unkept(values, 'Expected an array')
    const kept: unknown[] = []
    let i = 0
    try {
      for (; i < values.length; i++) {
        const value = values[i]
        kept.push(value === null || value === undefined ? null : keep(value))
      }
    } catch (error) {
      throw within(i, error)
    }
    return kept
  }
}

function refuse(type: FlatType, value: unknown): never {
  if (type.kind === 'int64' && typeof value === 'bigint') throw new Unkept(value, 'Expected a signed 64-bit integer')
  if (typeof value === 'string' && !isText(value)) throw unpaired(value)
  throw new Unkept(value, `Expected ${expectedValue(type)}`)
}
