import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compileExperiment } from '../../src/experiment/compile.js'
import { fileReference } from '../../src/experiment/file-reference.js'
import { formSchema } from '../../src/experiment/io-spec.js'
import { readWireSpec, wireValue } from '../../src/experiment/wire.js'

const experimentOf = (input: z.ZodObject, description?: string) =>
  compileExperiment(
    { input, output: z.object({ y: z.number() }), ...(description && { description }) },
    function growWheat() {},
    'file:///grow.js',
  )

const experiment = experimentOf(
  z.object({ n: z.int().default(2), big: z.bigint().optional(), weather: fileReference().default('wet.epw') }),
)

/** What is wrong with an input, field by field. */
function problemsOf(input: unknown) {
  try {
    readWireSpec(experiment, input)
  } catch (error) {
    const { code, problems } = error as { code: string; problems: { field: string; message: string }[] }
    return { code, problems: problems.map(({ field, message }) => `${field}: ${message}`) }
  }
  return undefined
}

describe('a spec from the wire', () => {
  it('has no run and no row unless it names them', () => {
    expect(readWireSpec(experiment, {})).toEqual({
      spec: { n: 2, weather: 'wet.epw' },
      experimentId: undefined,
      sortIndex: 0,
      rootWorkflowRunId: undefined,
      store: undefined,
    })
    const settings = { experiment_id: 'a/v1.0.0/t', sort_index: 3, root_workflow_run_id: 'r', workflow_run_id: null }
    expect(readWireSpec(experiment, { ...settings, n: 1, storage_settings: { BUCKET: 'b' } })).toMatchObject({
      experimentId: 'a/v1.0.0/t',
      sortIndex: 3,
      rootWorkflowRunId: 'r',
      store: 's3://b/scythe',
    })
  })

  it('must be an object', () => {
    for (const input of [null, 'n', [], 3]) {
      expect(problemsOf(input)?.problems).toEqual([expect.stringMatching(/^: .*expected object/)])
    }
  })

  it('is rejected with every problem that it has', () => {
    const storage_settings = { BUCKET: 's3://b', BUCKET_PREFIX: '../up' }
    expect(problemsOf({ sort_index: 7, n: 1.5, experiment_id: '../else', storage_settings })).toEqual({
      code: 'SPECS_INVALID',
      problems: [
        'experiment_id: Expected names joined by single slashes, as study/v1.0.0/2026-11-21_12-45-10',
        "storage_settings.BUCKET: Expected a bucket's name, without s3:// and slashes",
        'storage_settings.BUCKET_PREFIX: Expected names joined by single slashes, as studies/scythe',
        expect.stringMatching(/^n: /),
      ],
    })
  })

  it('has large integers as text, since a number has lost digits', () => {
    expect(readWireSpec(experiment, { big: '-9007199254740993' }).spec.big).toBe(-9007199254740993n)
    expect(readWireSpec(experiment, { big: 12 }).spec.big).toBe(12n)
    expect(problemsOf({ big: 2 ** 53 })?.problems).toEqual([expect.stringContaining('as text')])
  })

  it('cannot name a file of this machine, unless the experiment itself names it', () => {
    for (const weather of ['wet.epw', '/etc/passwd', 'file:///etc/passwd', 's3:/bucket/wet.epw']) {
      expect(problemsOf({ weather })?.problems).toEqual([expect.stringContaining('Expected an s3:// or http(s)://')])
    }
    for (const weather of ['s3://bucket/wet.epw', 'http://h/wet.epw', 'https://h/wet.epw']) {
      expect(readWireSpec(experiment, { weather }).spec).toMatchObject({ weather })
    }
  })
})

describe('a value for the wire', () => {
  it('is exact JSON', () => {
    const value = {
      a: [1n, 2n ** 60n, new Date(0)],
      b: { c: Number.NaN, d: Number.POSITIVE_INFINITY },
      e: 'x',
      f: null,
    }
    const wire = { a: [1, '1152921504606846976', '1970-01-01T00:00:00.000Z'], b: { c: null, d: null }, e: 'x', f: null }
    expect(wireValue(value)).toEqual(wire)
  })
})

describe('the form of an experiment', () => {
  it('has the fields of its input, with descriptions and defaults', () => {
    const input = z.strictObject({
      start: z.date().default(new Date(0)).describe('When it is sown.'),
      seeds: z.int64().default(5n),
      kind: z.enum(['rye', 'oat']),
      weather: fileReference(),
    })
    expect(formSchema(experimentOf(input, 'Grows wheat.'))).toMatchObject({
      title: 'GrowWheat',
      description: 'Grows wheat.',
      type: 'object',
      properties: {
        start: {
          type: 'string',
          format: 'date-time',
          default: '1970-01-01T00:00:00.000Z',
          description: 'When it is sown.',
        },
        seeds: { type: 'integer', default: 5 },
        kind: { enum: ['rye', 'oat'] },
        weather: { type: 'string' },
      },
      required: ['kind', 'weather'],
      additionalProperties: true,
    })
  })
})
