import fc from 'fast-check'
import { readCsv } from '../../../src/cli/specs/csv.js'
import type { Random } from '../../chaos/random.js'
import type { Door } from '../door.js'
import { damaged } from '../mutate.js'
import { drawn } from '../sample.js'
import { checkPieces } from './same.js'
import { SPECS_CODES, takeSpecs } from './specs.js'

const TEXT =
  'n,rate,place,wet,day\n1,2.5,"Tucson, AZ",true,2026-01-31\n2,,"say ""hi""\nthere",0,\n\n3,1e1,Denver,1,\n,,,,\n'
const GOOD: readonly Buffer[] = [
  Buffer.from(TEXT),
  Buffer.from(`\uFEFF${TEXT.replaceAll('\n', '\r\n')}`),
  Buffer.from('sep=;\nn;rate;place\n1;2,5;"a;b"\n2;0,25;größe\n'),
  Buffer.from('n\trate\tplace\r1\t2.5\tx\r2\t\t\r'),
  Buffer.from(`\uFEFF${TEXT}`, 'utf16le'),
  Buffer.from('n,list,wall,any,big,mode\n1,"[1,2]","{""thick"":1,""of"":[]}",null,123,auto\n2,NA,NA,NA,NA,1\n'),
]
const WORDS = ['"', '""', ',', ';', '\t', '\r', '\n', '\r\n', 'sep=|\n', '\uFEFF', '\0', "'=1+1", 'NA', 'n', '"\n"']

const cell = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom(...WORDS, 'n', 'rate', 'place', '1', '2.5', '1,5', 'true', ''),
)
const anyText = fc.array(cell, { maxLength: 60 }).map((cells) => cells.join(''))
const anyTable = fc
  .array(fc.array(cell, { maxLength: 4 }), { maxLength: 8 })
  .map((rows) => `n,place\n${rows.map((row) => row.join(',')).join('\n')}`)

export const csv: Door = {
  name: 'csv',
  title: 'CSV, with any delimiter and encoding',
  codes: [...SPECS_CODES, 'USAGE'],
  make(random) {
    if (random.chance(0.2)) return Buffer.from(drawn(random.chance(0.5) ? anyText : anyTable, random))
    if (random.chance(0.05)) return drawn(fc.uint8Array({ maxLength: 300 }), random)
    return damaged(random.pick(GOOD), random, { words: WORDS, others: GOOD })
  },
  async take(input, random) {
    const options = optionsOf(random)
    await checkPieces(input, random, (chunks) => readCsv('fuzzed.csv', chunks, options))
    await takeSpecs('fuzzed.csv', input, { ...options, extra: random.pick(['ignore', 'refuse']) })
  },
}

function optionsOf(random: Random) {
  const delimiter = random.chance(0.15) ? random.pick([';', '|', '\t', 'n', '\u20ac']) : undefined
  const encoding = random.chance(0.15) ? random.pick(['windows-1252', 'utf-16le', 'utf-16be', 'shift_jis']) : undefined
  return { delimiter, encoding }
}
