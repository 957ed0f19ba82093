import fc from 'fast-check'
import { stringify } from 'yaml'
import { schemaModule } from '../../../src/cli/schema-module.js'
import { ioSpec } from '../../../src/experiment/io-spec.js'
import { anySchema, anyText, EVIL } from '../any-schema.js'
import { type Door, RuleBroken } from '../door.js'
import { foreign } from '../foreign-code.js'
import { damaged } from '../mutate.js'
import { damagedValue } from '../mutate-value.js'
import { drawn } from '../sample.js'
import { EXPERIMENT } from './experiment.js'

const IO_SPEC = ioSpec(EXPERIMENT)
const GOOD = Buffer.from(stringify(IO_SPEC))
const WORDS = [
  ...["'", '"', '`', '*/', '\n', '&a ', '*a', '<<: *a', '!!js/function ', '!!binary ', '!!set ', '? ', '- ', ': '],
  ...['---\n', '...', '%YAML 1.1\n', '|', '>-', '{', '[', '.nan', '.inf', '0x10', EVIL, 'minLength: 1', '$ref: '],
]
const sides = fc.dictionary(anyText, anySchema, { maxKeys: 3 })
const anyIoSpec = fc.record({ input: sides, output: sides, $defs: sides }).map(({ input, output, $defs }) => ({
  $defs,
  properties: { input: { type: 'object', properties: input }, output: { type: 'object', properties: output } },
}))

export const schema: Door = {
  name: 'schema',
  title: 'io specs in YAML, for `scythe schema import`',
  codes: ['EXPERIMENT_INVALID', 'USAGE'],
  make(random) {
    if (random.chance(0.3)) return Buffer.from(JSON.stringify(drawn(anyIoSpec, random)))
    if (random.chance(0.4)) return Buffer.from(JSON.stringify(damagedValue(IO_SPEC, random)))
    return damaged(GOOD, random, { words: WORDS })
  },
  async take(input, random) {
    const name = random.chance(0.8) ? 'fuzzed' : random.pick(['delete', '__proto__', "'", EVIL, '', 'z'])
    const module = await schemaModule(Buffer.from(input).toString(), 'io.yml', name)
    const problems = foreign(module)
    if (problems.length > 0) throw new RuleBroken(`the module has what is not ours: ${problems.join(', ')}`)
  },
}
