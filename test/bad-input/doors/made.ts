import { z } from 'zod'
import { gridSpecs, sampleSpecs } from '../../../src/cli/specs/made.js'
import { sample } from '../../../src/experiment/sampling/sample.js'
import { checkSpecs } from '../../../src/run/spec-intake.js'
import type { Door } from '../door.js'
import { EXPERIMENT } from '../experiment.js'

type Given = { readonly grid: string } | { readonly sample: string; readonly seed?: string; readonly ranges?: object }

export const madeDoor: Door<Given> = {
  title: '`--grid` and `--sample`',
  code: 'USAGE',
  async take(given) {
    if ('grid' in given) return checkSpecs(EXPERIMENT, gridSpecs(given.grid, EXPERIMENT), 5)
    if (given.ranges) return sample(given.ranges as never, { method: given.sample as never, count: 3 })
    const narrow = { ...EXPERIMENT, input: z.object({ n: z.int().min(1).max(9) }) }
    return sampleSpecs(given.sample, given.seed, given.seed === 'all' ? EXPERIMENT : narrow)
  },
  cases: [
    {
      what: 'a grid without =',
      given: { grid: 'n' },
      says: "Expected a name, = and values, as in --grid 'r_value=1:5:0.5,city=denver|tucson', got n.",
    },
    {
      what: 'a grid without a name',
      given: { grid: '=1' },
      says: "Expected a name, = and values, as in --grid 'r_value=1:5:0.5,city=denver|tucson', got =1.",
    },
    {
      what: 'an empty grid',
      given: { grid: '' },
      says: "Expected a name, = and values, as in --grid 'r_value=1:5:0.5,city=denver|tucson', got nothing.",
    },
    {
      what: 'a misspelt field in a grid',
      given: { grid: 'n=1,raet=2' },
      says: '--grid names a field raet, which the input does not have. Did you mean rate?',
    },
    {
      what: 'a field in a grid that nothing is like',
      given: { grid: 'n=1,colour=red' },
      says: '--grid names a field colour, which the input does not have. It has n, rate, city, when, day, wet, layers, weather.',
    },
    { what: 'a field twice', given: { grid: 'n=1,n=2' }, says: '--grid has the field n twice.' },
    {
      what: 'steps that do not come to the end',
      given: { grid: 'n=1:5:3' },
      code: 'SAMPLING_INVALID',
      says: 'Specs cannot be made: field n cannot go from 1 to 5 in steps of 3: they would not end at 5.',
    },
    {
      what: 'steps of zero',
      given: { grid: 'n=1:5:0' },
      code: 'SAMPLING_INVALID',
      says: 'Specs cannot be made: field n cannot go from 1 to 5 in steps of 0: they would not end at 5.',
    },
    {
      what: 'steps in the other direction',
      given: { grid: 'n=5:1:1' },
      code: 'SAMPLING_INVALID',
      says: 'Specs cannot be made: field n cannot go from 5 to 1 in steps of 1: they would not end at 1.',
    },
    {
      what: 'two ends without a step',
      given: { grid: 'n=1:5' },
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field n: Invalid input: expected number, received string (got "1:5")',
    },
    {
      what: 'a value that does not fit',
      given: { grid: 'n=1|many' },
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 1, field n: Invalid input: expected number, received string (got "many")',
    },
    {
      what: 'steps beyond the schema',
      given: { grid: 'n=99:102:1' },
      code: 'SPECS_INVALID',
      says: '2 specs do not fit the input of walls; nothing was started.\n  field n: 2 rows, first in row 2: Too big: expected number to be <=100 (got 101)',
    },
    {
      what: 'a value beyond an enum',
      given: { grid: 'n=1,city=denver|boston' },
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 1, field city: Invalid option: expected one of "denver"|"tucson" (got "boston")',
    },
    {
      what: 'a grid without a field that is needed',
      given: { grid: 'rate=1|2' },
      code: 'SPECS_INVALID',
      says: '2 specs do not fit the input of walls; nothing was started.\n  field n: 2 rows, first in row 0: Invalid input: expected number, and it is missing',
    },
    {
      what: 'a method that does not exist',
      given: { sample: 'halton:10' },
      says: 'Expected --sample to be sobol:1000, lhs:1000 or random:1000, got halton:10.',
    },
    {
      what: 'a method without a number',
      given: { sample: 'sobol' },
      says: 'Expected --sample to be sobol:1000, lhs:1000 or random:1000, got sobol.',
    },
    {
      what: 'a number in words',
      given: { sample: 'lhs:ten' },
      says: 'Expected --sample to be sobol:1000, lhs:1000 or random:1000, got lhs:ten.',
    },
    {
      what: 'no specs at all',
      given: { sample: 'random:0' },
      code: 'SAMPLING_INVALID',
      says: 'Specs cannot be made: count has to be a whole number of 1 or more, got 0.',
    },
    {
      what: 'a seed in words',
      given: { sample: 'random:3', seed: 'luck' },
      says: 'Expected --seed to be a whole number of 0 or more, got luck.',
    },
    {
      what: 'a range upside down',
      given: { sample: 'lhs', ranges: { n: { min: 3, max: 1 } } },
      code: 'SAMPLING_INVALID',
      says: 'Specs cannot be made: field n has no range from 3 to 1.',
    },
    {
      what: 'a range without values',
      given: { sample: 'lhs', ranges: { n: { values: [] } } },
      code: 'SAMPLING_INVALID',
      says: 'Specs cannot be made: field n has no values.',
    },
    {
      what: 'no ranges',
      given: { sample: 'lhs', ranges: {} },
      code: 'SAMPLING_INVALID',
      says: 'Specs cannot be made: the input has no fields with a range.',
    },
    {
      what: 'an input without ranges',
      given: { sample: 'lhs', ranges: z.object({ place: z.string() }) },
      code: 'SAMPLING_INVALID',
      says: 'Specs cannot be made: field place has no range to take values from: give its schema a .min() and a .max(), or make it an enum.',
    },
    {
      what: 'a number without ends',
      given: { sample: 'lhs', ranges: z.object({ x: z.number().min(0) }) },
      code: 'SAMPLING_INVALID',
      says: 'Specs cannot be made: field x has no range to take values from: give its schema a .min() and a .max(), or make it an enum.',
    },
  ],
}
