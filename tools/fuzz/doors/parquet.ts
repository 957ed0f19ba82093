import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { readRows } from '../../../src/table/rows.js'
import { bytesSource } from '../../../src/table/source.js'
import { encodeTable } from '../../../src/table/writer.js'
import type { Door } from '../door.js'
import { damaged } from '../mutate.js'
import { rawZstd } from '../zstd.js'
import { SPECS_CODES, takeSpecs } from './specs.js'

const WORDS = ['PAR1', 'SCYTHECR', 'n', 'pandas', '\0\0\0\0', '\u00ff\u00ff']

export const parquet: Door = {
  name: 'parquet',
  title: 'Parquet, ours and that of others, in every codec',
  codes: [...SPECS_CODES, 'TABLE_UNREADABLE', 'COLUMN_VALUE_INVALID'],
  make(random) {
    const others = goodFiles()
    return damaged(random.pick(others), random, { words: WORDS, others })
  },
  async take(input, random) {
    if (random.chance(0.5)) await takeSpecs('fuzzed.parquet', input, { extra: 'ignore' })
    else for await (const _ of readRows(bytesSource(input)));
  },
}

let known: readonly Uint8Array[] | undefined

function goodFiles(): readonly Uint8Array[] {
  known ??= [...ours(), ...foreign(), ...golden()]
  return known
}

function ours(): Uint8Array[] {
  const columns = [
    { name: 'n', type: { kind: 'int64' } },
    { name: 'rate', type: { kind: 'double' } },
    { name: 'place', type: { kind: 'string' } },
    { name: 'wet', type: { kind: 'boolean' } },
    { name: 'when', type: { kind: 'timestamp' } },
    { name: 'day', type: { kind: 'date' } },
    { name: 'list', type: { kind: 'list', item: { kind: 'double' } } },
    { name: 'wall', type: { kind: 'struct', fields: [{ name: 'thick', type: { kind: 'double' } }] } },
    { name: 'any', type: { kind: 'json' } },
  ] as const
  const data = {
    n: [1, 2, 3],
    rate: [2.5, null, 0],
    place: ['Tucson', '', 'größe'],
    wet: [true, false, null],
    when: [new Date(0), null, new Date(1e12)],
    day: ['2026-01-31', null, '1970-01-01'],
    list: [[1, null], [], null],
    wall: [{ thick: 1 }, null, { thick: null }],
    any: [{ a: 1 }, [], 'x'],
  }
  return [encodeTable({ columns: [...columns], index: [] }, data, 3)]
}

/** Without checksums, so that damage gets further. */
function foreign(): Uint8Array[] {
  const numbers = Array.from({ length: 200 }, (_, i) => i)
  const columnData = [
    { name: 'n', data: Int32Array.from(numbers), type: 'INT32' as const },
    { name: 'rate', data: numbers.map((i) => (i % 5 === 0 ? null : i / 3)), type: 'DOUBLE' as const },
    { name: 'place', data: numbers.map((i) => `town ${i % 9}`), type: 'STRING' as const },
    { name: 'wet', data: numbers.map((i) => i % 3 === 0), type: 'BOOLEAN' as const },
    { name: 'when', data: numbers.map((i) => new Date(i * 1e9)), type: 'TIMESTAMP' as const },
    { name: 'any', data: numbers.map((i) => ({ i })), type: 'JSON' as const },
  ]
  const encoded = [
    { name: 'n', data: Int32Array.from(numbers), type: 'INT32' as const, encoding: 'DELTA_BINARY_PACKED' as const },
    { name: 'rate', data: Float64Array.from(numbers), type: 'DOUBLE' as const, encoding: 'BYTE_STREAM_SPLIT' as const },
    {
      name: 'place',
      data: numbers.map((i) => `town ${i}`),
      type: 'STRING' as const,
      encoding: 'DELTA_BYTE_ARRAY' as const,
    },
  ]
  const compressors = {
    GZIP: (bytes: Uint8Array) => gzipSync(bytes),
    BROTLI: (bytes: Uint8Array) => brotliCompressSync(bytes),
    ZSTD: rawZstd,
    LZ4_RAW: literalLz4,
  }
  const codecs = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD', 'LZ4_RAW'] as const
  const files = codecs.map((codec) => parquetWriteBuffer({ columnData, codec, compressors, rowGroupSize: 90 }))
  return [...files, parquetWriteBuffer({ columnData: encoded, codec: 'UNCOMPRESSED' })].map(
    (bytes) => new Uint8Array(bytes),
  )
}

/** A block of LZ4 with nothing but literals. */
function literalLz4(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 15) return Buffer.concat([Uint8Array.of(bytes.length << 4), bytes])
  const rest = bytes.length - 15
  const lengths = Buffer.alloc(Math.floor(rest / 255) + 1, 255)
  lengths[lengths.length - 1] = rest % 255
  return Buffer.concat([Uint8Array.of(0xf0), lengths, bytes])
}

/** What pandas wrote. */
function golden(): Uint8Array[] {
  const folder = fileURLToPath(new URL('../../../test/fixtures/golden/runs/', import.meta.url))
  const names = readdirSync(folder, { recursive: true }).map(String).sort()
  return names.filter((name) => name.endsWith('.pq')).map((name) => readFileSync(folder + name))
}
