/** The fields of a page's header that are needed to check the page. */
export interface PageMark {
  /** The start of the bytes after the header, and their end. */
  readonly start: number
  readonly end: number
  /** Parquet's checksum of the bytes after the header, if the page has one. */
  readonly crc: number | undefined
  /** The number of values in a data page, else 0. */
  readonly values: number
}

/** Types of Thrift, by their numbers in its compact protocol. */
const BYTE = 3
const DOUBLE = 7
const BINARY = 8
const LIST = 9
const STRUCT = 12
/** The first fields of a header: the page's kind, its sizes, and its checksum. */
const LAST_INTEGER = 4
/** The field with the header of a dictionary page. */
const DICTIONARY = 7
/**
 * The number of leading integer fields in the header of each kind of page. A reader that takes
 * other fields for these integers might never end.
 */
const INTEGERS: Readonly<Record<number, number>> = { 5: 4, [DICTIONARY]: 2, 8: 6 }
/** A depth that no valid header exceeds. */
const MOST_DEPTH = 8

/**
 * Reads the header of a page without creating an object for it, because this runs for every page
 * that is gathered. Throws if the header is not valid Thrift, or if the page does not lie within
 * `bytes`. For damaged bytes, it reads no further than their end.
 */
export function readPageMark(bytes: Uint8Array, at: number): PageMark {
  let place = at
  let size: number | undefined
  let crc: number | undefined
  let values = 0

  const byte = () => {
    const value = bytes[place++]
    if (value === undefined) throw new Error('it does not end')
    return value
  }

  const varint = () => {
    for (let value = 0, shift = 0; shift < 70; shift += 7) {
      const next = byte()
      if (shift < 35) value |= (next & 0x7f) << shift
      if (next < 0x80) return value
    }
    throw new Error('it has a number of more than 64 bits')
  }

  const integer = () => {
    const value = varint()
    return (value >>> 1) ^ -(value & 1)
  }

  const skip = (type: number, depth: number): void => {
    if (type === STRUCT) struct(depth + 1, skip)
    else if (type === BINARY) {
      const length = varint() >>> 0
      place += length
    } else if (type === LIST) {
      const head = byte()
      const items = head >> 4 === 15 ? varint() >>> 0 : head >> 4
      const item = head & 0x0f
      // Each boolean takes one byte in a list, and none in a field.
      for (let i = 0; i < items; i++) skip(Math.max(item, BYTE), depth + 1)
    } else if (type === DOUBLE) place += 8
    else if (type === BYTE) place += 1
    else if (type > BYTE && type < DOUBLE) varint()
    else if (type > 2 || type === 0) throw new Error(`it has a value of the unknown type ${type}`)
    if (place > bytes.length) throw new Error('it does not end')
  }

  const struct = (depth: number, field: (type: number, depth: number, id: number) => void): void => {
    if (depth > MOST_DEPTH) throw new Error('it is too deep')
    for (let id = 0, head = byte(); head !== 0; head = byte()) {
      id = head >> 4 === 0 ? integer() : id + (head >> 4)
      field(head & 0x0f, depth, id)
    }
  }

  const isInteger = (type: number) => type > BYTE && type < DOUBLE
  const wanted = (id: number) => new Error(`its field ${id} is of another type`)

  struct(0, (type, depth, id) => {
    const integers = INTEGERS[id]
    if (id <= LAST_INTEGER) {
      if (!isInteger(type)) throw wanted(id)
      const value = integer()
      if (id === 3) size = value
      else if (id === 4) crc = value
    } else if (integers === undefined) skip(type, depth)
    else if (type !== STRUCT) throw wanted(id)
    else
      struct(depth + 1, (inner, innerDepth, innerId) => {
        if (innerId > integers) skip(inner, innerDepth)
        else if (!isInteger(inner)) throw wanted(innerId)
        else if (innerId === 1 && id !== DICTIONARY) values = integer()
        else integer()
      })
  })
  if (size === undefined) throw new Error('it does not say how many bytes it stands for')
  if (size < 0 || place + size > bytes.length)
    throw new Error(`it stands for ${size} bytes, of ${bytes.length - place}`)
  return { start: place, end: place + size, crc, values }
}
