import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { limited } from '../../../src/cli/specs/limited.js'
import { gridSpecs, sampleSpecs } from '../../../src/cli/specs/made.js'
import { compileExperiment } from '../../../src/experiment/compile.js'
import { checkSpecs } from '../../../src/run/spec-intake.js'
import { collect } from '../../support/collect.js'

const experiment = compileExperiment(
  {
    input: z.object({
      r_value: z.number().min(1).max(5),
      city: z.enum(['denver', 'tucson']).default('denver'),
      at: z.string().optional(),
    }),
    output: z.object({}),
  },
  function wall() {},
  'file:///wall.js',
)

describe('--grid', () => {
  it('yields the combinations of values, converted to the types of their fields', () => {
    expect([...gridSpecs('r_value=1:2:0.5, city=denver|tucson,at=12:30:00,12:45:00', experiment)]).toEqual([
      { r_value: 1, city: 'denver', at: '12:30:00,12:45:00' },
      { r_value: 1, city: 'tucson', at: '12:30:00,12:45:00' },
      { r_value: 1.5, city: 'denver', at: '12:30:00,12:45:00' },
      { r_value: 1.5, city: 'tucson', at: '12:30:00,12:45:00' },
      { r_value: 2, city: 'denver', at: '12:30:00,12:45:00' },
      { r_value: 2, city: 'tucson', at: '12:30:00,12:45:00' },
    ])
    expect([...gridSpecs('r_value=1|2.5', experiment)]).toEqual([{ r_value: 1 }, { r_value: 2.5 }])
  })

  it.each([
    ['rvalue=1', 'Did you mean r_value?'],
    ['r_value', 'Expected a name, = and values'],
    ['r_value=1,r_value=2', 'has the field r_value twice'],
    ['r_value=1:2:0.3', 'cannot go from 1 to 2 in steps of 0.3'],
  ])('rejects %s', (text, message) => {
    expect(() => [...gridSpecs(text, experiment)]).toThrow(message)
  })
})

describe('--sample', () => {
  it('yields specs over the ranges of the input', async () => {
    const specs = [...sampleSpecs('sobol:64', undefined, experiment)]
    expect(specs.slice(0, 3)).toEqual([
      { r_value: 1, city: 'denver' },
      { r_value: 3, city: 'tucson' },
      { r_value: 4, city: 'denver' },
    ])
    expect(await checkSpecs(experiment, specs, 0)).toEqual({ specs: 64, first: [] })
    expect([...sampleSpecs('lhs:9', '1', experiment)]).not.toEqual([...sampleSpecs('lhs:9', '2', experiment)])
  })

  it.each([
    ['halton:5', undefined, 'Expected --sample to be sobol:1000'],
    ['sobol', undefined, 'Expected --sample to be sobol:1000'],
    ['lhs:5', '-1', 'Expected --seed to be a whole number'],
    ['lhs:0', undefined, 'count has to be a whole number of 1 or more'],
  ])('rejects %s with the seed %s', (text, seed, message) => {
    expect(() => sampleSpecs(text, seed, experiment)).toThrow(message)
  })
})

it('limited() reads no more than the limit, and closes the source', async () => {
  const seen: unknown[] = []
  function* specs() {
    try {
      yield* [1, 2]
      throw new Error('it went on')
    } finally {
      seen.push('closed')
    }
  }
  expect(await collect(limited(specs(), 2))).toEqual([1, 2])
  expect(seen).toEqual(['closed'])
  expect(await collect(limited([1], 5))).toEqual([1])
})

describe('checkSpecs()', () => {
  it('counts specs and returns the first ones as they would be stored', async () => {
    const specs = [{ r_value: 1 }, { r_value: 2, city: 'tucson' }, { r_value: 3 }]
    expect(await checkSpecs(experiment, specs, 2)).toEqual({
      specs: 3,
      first: [
        { r_value: 1, city: 'denver' },
        { r_value: 2, city: 'tucson' },
      ],
    })
  })

  it('rejects what an allocation would reject', async () => {
    await expect(checkSpecs(experiment, [{ r_value: 1 }, { r_value: 9 }], 2)).rejects.toMatchObject({
      code: 'SPECS_INVALID',
      count: 1,
    })
    await expect(checkSpecs(experiment, [], 2)).rejects.toMatchObject({ code: 'SPECS_MISSING' })
  })
})
