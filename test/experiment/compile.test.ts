import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { compileExperiment } from '../../src/experiment/compile.js'
import { ScytheWorkerLabel } from '../../src/experiment/labels.js'
import { snakeCase, titleOf } from '../../src/experiment/names.js'

const schemas = { input: z.object({ n: z.int() }), output: z.object({ m: z.int() }) }
const compile = (options: object = {}) =>
  compileExperiment({ ...schemas, ...options }, function simulate() {}, 'file:///m.ts')
const refusal = (option: string, message: RegExp) =>
  expect.objectContaining({
    code: 'EXPERIMENT_INVALID',
    experiment: 'scythe_experiment_simulate',
    option,
    message: expect.stringMatching(message),
  })

afterEach(() => vi.unstubAllEnvs())

describe('compiling an experiment', () => {
  it('fills in every default', () => {
    const { fn, ...experiment } = compile()
    expect(fn.name).toBe('simulate')
    expect(experiment).toEqual({
      name: 'scythe_experiment_simulate',
      description: undefined,
      ...schemas,
      tables: {},
      executionTimeout: 3_600_000,
      scheduleTimeout: undefined,
      retries: 0,
      backoff: { seconds: 1, factor: 2, maxSeconds: 60 },
      desiredWorkerLabels: {},
      memory: undefined,
      batch: undefined,
      isolation: 'slot',
      undeclaredFields: 'warn',
      outputFolders: [],
      module: 'file:///m.ts',
    })
  })

  it('accepts every option', () => {
    const rows = z.object({ hour: z.int() })
    const labels = ScytheWorkerLabel.HAS_GPU.workerLabel
    expect(
      compile({
        name: 'my-experiment.v2',
        description: 'Simulates.',
        tables: { rows },
        executionTimeout: '1h30m',
        scheduleTimeout: 5000,
        retries: 2,
        backoff: { factor: 3 },
        desiredWorkerLabels: labels,
        memory: '2GB',
        batch: 50,
      }),
    ).toMatchObject({
      name: 'my-experiment.v2',
      description: 'Simulates.',
      tables: { rows },
      executionTimeout: 5_400_000,
      scheduleTimeout: 5000,
      retries: 2,
      backoff: { seconds: 1, factor: 3, maxSeconds: 60 },
      desiredWorkerLabels: labels,
      memory: 2e9,
      batch: 50,
    })
  })

  it('reads time limits from the environment if the options have none', () => {
    vi.stubEnv('SCYTHE_TIMEOUT_EXPERIMENT_EXECUTION', '10m')
    vi.stubEnv('SCYTHE_TIMEOUT_EXPERIMENT_SCHEDULE', '2h')
    expect(compile()).toMatchObject({ executionTimeout: 600_000, scheduleTimeout: 7_200_000 })
    expect(compile({ executionTimeout: '1m', scheduleTimeout: '1m' })).toMatchObject({
      executionTimeout: 60_000,
      scheduleTimeout: 60_000,
    })
  })

  it.each<[string, unknown, RegExp]>([
    [
      'retries',
      -1,
      /^Experiment scythe_experiment_simulate: expected retries to be a whole number of 0 or more, got -1\.$/,
    ],
    ['retries', 1.5, /got 1\.5/],
    ['retries', '3', /got "3"/],
    ['batch', 0, /whole number of 1 or more, got 0/],
    ['executionTimeout', 'soon', /such as "90s".*got "soon"/],
    ['executionTimeout', 0, /got 0/],
    ['executionTimeout', '25d', /24 days/],
    ['scheduleTimeout', -5, /got -5/],
    ['memory', '2 apples', /such as "512MB"/],
    ['memory', 0, /got 0/],
    ['description', 7, /a text, got 7/],
    ['backoff', 5, /an object such as .*got 5/],
    ['backoff.factor', 0.5, /1 or more, got 0\.5/],
    ['backoff.seconds', Number.NaN, /0 or more, got NaN/],
    ['desiredWorkerLabels.has_gpu', 'yes', /\{ value: "yes", required: true \}/],
    ['name', 'with space', /letters/],
    ['name', '', /letters/],
    ['name', 3, /letters/],
  ])('rejects %s: %j', (option, value, message) => {
    const [top, key] = option.split('.') as [string, string?]
    const options = { [top]: key ? { [key]: value } : value }
    const experiment = option === 'name' ? expect.anything() : 'scythe_experiment_simulate'
    expect(() => compile(options)).toThrow(
      expect.objectContaining({
        code: 'EXPERIMENT_INVALID',
        experiment,
        option,
        message: expect.stringMatching(message),
      }),
    )
  })

  it('rejects an unknown option, and suggests the nearest one', () => {
    expect(() => compile({ retrys: 3 })).toThrow(refusal('retrys', /Did you mean retries\?/))
    expect(() => compile({ colour: 'red' })).toThrow(refusal('colour', /The options are input, output/))
  })

  it.each(['scythe_fan', 'scythe_scatter_gather'])('rejects the name %s', (name) => {
    expect(() => compile({ name })).toThrow(/set another one/)
  })

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /zod object such as .*got undefined/],
    ['a plain object', { n: 1 }, /got \{"n":1\}/],
    ['another schema', z.string(), /"string": wrap it in z\.object/],
    ['a transformed object', z.object({}).transform(() => 1), /a transform: wrap it/],
    ['a schema of zod 3', { _def: { typeName: 'ZodObject' } }, /zod 3 schema.*"zod\/v4"/],
  ])('rejects %s as a schema', (_name, schema, message) => {
    expect(() => compile({ input: schema })).toThrow(refusal('input', message))
    expect(() => compile({ output: schema })).toThrow(refusal('output', message))
    expect(() => compile({ tables: { rows: schema } })).toThrow(refusal('tables.rows', message))
  })

  it('rejects schemas that cannot become tables', () => {
    expect(() => compile({ input: z.object({ sort_index: z.int() }) })).toThrow(
      refusal('input.sort_index', /rename it/),
    )
  })

  it('rejects a function that no file contains', () => {
    expect(() => compileExperiment(schemas, function simulate() {}, undefined)).toThrow(
      refusal('module', /the file that calls register/),
    )
  })
})

describe('names of experiments', () => {
  it.each([
    ['simulateEnergy', 'simulate_energy'],
    ['HTTPServer2', 'http_server2'],
    ['simulate_energy', 'simulate_energy'],
    ['run2Times', 'run2_times'],
    ['f', 'f'],
    ['parseXML', 'parse_xml'],
    ['_private', '_private'],
  ])('%s is %s on the wire', (name, snake) => {
    expect(snakeCase(name)).toBe(snake)
  })

  it.each([
    ['scythe_experiment_simulate_energy', 'SimulateEnergy'],
    ['my-experiment.v2', 'MyExperimentV2'],
  ])('%s is %s in definitions', (name, title) => {
    expect(titleOf(name)).toBe(title)
  })
})
