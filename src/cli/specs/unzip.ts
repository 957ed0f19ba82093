import { crc32, inflateRawSync } from 'node:zlib'

/** Limits for the content of a zip file. */
export interface UnzipLimits {
  readonly entries: number
  /** Size of all selected entries together, decompressed, in bytes. */
  readonly inflated: number
}

/** A problem of a zip file. */
export class ZipProblem extends Error {}

const ENTRY = 0x02014b50
const END = 0x06054b50
const END_BYTES = 22
const LONGEST_COMMENT = 0xffff
const IS_ENCRYPTED = 1
const STORED = 0
const DEFLATED = 8

interface Entry {
  readonly name: string
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly at: number
}

/**
 * Returns the entries of a zip file whose names are wanted. Nothing is decompressed if the sizes in
 * the directory exceed the limit, and nothing beyond those sizes if they are wrong. Written here,
 * because libraries that read workbooks decompress any file without limits. Throws `ZipProblem`.
 */
export function unzip(bytes: Buffer, isWanted: (name: string) => boolean, limits: UnzipLimits): Map<string, Buffer> {
  const entries = directory(bytes, limits.entries).filter(({ name }) => isWanted(name))
  const inflated = entries.reduce((sum, { size }) => sum + size, 0)
  if (inflated > limits.inflated) {
    throw new ZipProblem(
      `it stands for ${megabytes(inflated)}, and at most ${megabytes(limits.inflated)} are read: save it as CSV`,
    )
  }
  return new Map(entries.map((entry) => [entry.name, contentOf(bytes, entry)]))
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`
}

function directory(bytes: Buffer, most: number): Entry[] {
  const end = endOf(bytes)
  const count = bytes.readUInt16LE(end + 10)
  if (count > most) throw new ZipProblem(`it has ${count} parts, and at most ${most} are read`)
  const entries: Entry[] = []
  let at = bytes.readUInt32LE(end + 16)
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || bytes.readUInt32LE(at) !== ENTRY) throw new ZipProblem('its directory is damaged')
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28)
    entries.push({
      name: bytes.toString('utf8', at + 46, nameEnd),
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      packed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      at: bytes.readUInt32LE(at + 42),
    })
    at = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return entries
}

function endOf(bytes: Buffer): number {
  const last = bytes.length - END_BYTES
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
    if (bytes.readUInt32LE(at) === END) return at
  }
  throw new ZipProblem('its end is missing: the file is cut off')
}

function contentOf(bytes: Buffer, entry: Entry): Buffer {
  const { name, flags, method, crc, packed, size, at } = entry
  if (flags & IS_ENCRYPTED) throw new ZipProblem('it is encrypted: save it without a password')
  if (at + 30 > bytes.length) throw new ZipProblem(`its part ${name} is missing`)
  const start = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28)
  const data = bytes.subarray(start, start + packed)
  let content: Buffer
  try {
    if (method === STORED) content = data
    // One byte more than the size shows that the content is too long.
    else if (method === DEFLATED) content = inflateRawSync(data, { maxOutputLength: size + 1 })
    else throw new Error(`compression ${method}`)
  } catch (cause) {
    throw new ZipProblem(`its part ${name} is damaged (${(cause as Error).message})`, { cause })
  }
  if (content.length !== size) throw new ZipProblem(`its part ${name} is not as long as the file says`)
  if (crc32(content) !== crc) throw new ZipProblem(`its part ${name} is damaged: its checksum is another`)
  return content
}
