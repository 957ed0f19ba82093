import fc from 'fast-check'
import { readJsonArray } from '../../../src/cli/specs/json-array.js'
import { readJsonLines } from '../../../src/cli/specs/jsonl.js'
import type { Random } from '../../chaos/random.js'
import type { Door } from '../door.js'
import { damaged } from '../mutate.js'
import { damagedValue } from '../mutate-value.js'
import { drawn } from '../sample.js'
import { ROWS } from './experiment.js'
import { checkPieces } from './same.js'
import { SPECS_CODES, takeSpecs } from './specs.js'

const WORDS = ['{', '}', '[', ']', '"', '\\', ',', ':', 'NaN', '-Infinity', 'null', '\\ud800', '\uFEFF', '\n', '1e999']
const LINES = ROWS.map((row) => JSON.stringify(row)).join('\n')
const ARRAYS = [Buffer.from(JSON.stringify(ROWS)), Buffer.from(JSON.stringify(ROWS, null, 2)), Buffer.from('[]')]
const LISTS = [Buffer.from(LINES), Buffer.from(`\uFEFF${LINES.replaceAll('\n', '\r\n\r\n')}\n`)]

function make(good: readonly Buffer[], write: (rows: readonly unknown[]) => string) {
  return (random: Random): Uint8Array => {
    if (random.chance(0.1)) return Buffer.from(drawn(fc.json(), random))
    if (random.chance(0.5)) {
      const rows = damagedValue(ROWS, random)
      return Buffer.from(write(Array.isArray(rows) ? rows : [rows]))
    }
    return damaged(random.pick(good), random, { words: WORDS, others: good })
  }
}

export const json: Door = {
  name: 'json',
  title: 'a JSON array',
  codes: SPECS_CODES,
  make: make(ARRAYS, (rows) => JSON.stringify(rows)),
  async take(input, random) {
    await checkPieces(input, random, (chunks) => readJsonArray('fuzzed.json', chunks))
    await takeSpecs('fuzzed.json', input)
  },
}

export const jsonLines: Door = {
  name: 'jsonl',
  title: 'JSON lines',
  codes: SPECS_CODES,
  make: make(LISTS, (rows) => rows.map((row) => JSON.stringify(row)).join('\n')),
  async take(input, random) {
    await checkPieces(input, random, (chunks) => readJsonLines('fuzzed.jsonl', chunks))
    await takeSpecs('fuzzed.jsonl', input)
  },
}
