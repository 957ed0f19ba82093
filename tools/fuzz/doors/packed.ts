import { gzipSync } from 'node:zlib'
import type { Door } from '../door.js'
import { damaged } from '../mutate.js'
import { rawZstd, sameZstd } from '../zstd.js'
import { SPECS_CODES, takeSpecs } from './specs.js'

const TEXT = Buffer.from(`n,place\n${Array.from({ length: 300 }, (_, n) => `${n},town ${n % 7}`).join('\n')}\n`)
const GOOD: readonly Uint8Array[] = [
  gzipSync(TEXT),
  Buffer.concat([gzipSync(TEXT.subarray(0, 20)), gzipSync(TEXT.subarray(20))]),
  rawZstd(TEXT),
  Buffer.concat([rawZstd(Buffer.from('n\n')), sameZstd(0x31, 128 * 1024)]),
]

export const packed: Door = {
  name: 'packed',
  title: 'CSV in gzip or zstd',
  codes: SPECS_CODES,
  make: (random) => damaged(random.pick(GOOD), random, { others: GOOD }),
  take: (input, random) => takeSpecs(`fuzzed.csv.${random.pick(['gz', 'zst'])}`, input),
}
