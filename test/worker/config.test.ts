import { describe, expect, it } from 'vitest'
import { usableCpus } from '../../src/settings/machine.js'
import { slotsFor } from '../../src/settings/worker.js'
import { ScytheWorkerConfig } from '../../src/worker/config.js'

const config = (env: Record<string, string> = {}, options = {}) => new ScytheWorkerConfig(options, env)

describe('the settings of a worker', () => {
  it('have the defaults of Python Scythe', () => {
    const worker = config()
    expect({ ...worker }).toEqual({
      name: undefined,
      slots: undefined,
      durableSlots: 1000,
      highMemory: false,
      highCpu: false,
      hasGpu: false,
      doesFan: true,
      doesLeaf: true,
      drain: 25_000,
      idleExit: undefined,
      lifetime: undefined,
      healthPort: undefined,
      healthHost: '127.0.0.1',
      stores: [],
      passEnv: [],
      experimentModules: ['./experiments'],
    })
    expect(worker.labels).toEqual({})
    expect(worker.computedName).toBe('ScytheWorker--Local')
    expect(worker.computedSlots).toBe(slotsFor(usableCpus()))
    expect(worker.computedDurableSlots).toBe(1000)
  })

  it('are read from the environment', () => {
    const worker = config({
      SCYTHE_WORKER_NAME: 'mine',
      SCYTHE_WORKER_SLOTS: '3',
      SCYTHE_WORKER_DURABLE_SLOTS: '50',
      SCYTHE_WORKER_HIGH_MEMORY: 'True',
      SCYTHE_WORKER_HIGH_CPU: 'on',
      SCYTHE_WORKER_HAS_GPU: '1',
      SCYTHE_WORKER_DOES_FAN: 'no',
      SCYTHE_WORKER_DRAIN: '5s',
      SCYTHE_WORKER_IDLE_EXIT: '10m',
      SCYTHE_WORKER_LIFETIME: '2d',
      SCYTHE_WORKER_HEALTH_PORT: '0',
      SCYTHE_WORKER_HEALTH_HOST: '::',
      SCYTHE_WORKER_STORES: 's3://bucket/other, /data/runs',
      SCYTHE_WORKER_PASS_ENV: 'AWS_PROFILE, HATCHET_CLIENT_TOKEN',
      SCYTHE_WORKER_EXPERIMENTS: './studies, lib/energy.ts',
    })
    expect(worker).toMatchObject({
      drain: 5000,
      idleExit: 600_000,
      lifetime: 172_800_000,
      healthPort: 0,
      healthHost: '::',
      stores: ['s3://bucket/other', '/data/runs'],
      passEnv: ['AWS_PROFILE', 'HATCHET_CLIENT_TOKEN'],
      experimentModules: ['./studies', 'lib/energy.ts'],
      computedName: 'mine',
      computedSlots: 3,
      computedDurableSlots: 50,
      doesFan: false,
      doesLeaf: true,
    })
    expect(worker.labels).toEqual({ high_memory: 'yes', high_cpu: 'yes', has_gpu: 'yes' })
  })

  it('are taken from options before the environment', () => {
    const worker = config(
      { SCYTHE_WORKER_SLOTS: '3', SCYTHE_WORKER_HAS_GPU: 'true' },
      { slots: 5, hasGpu: false, name: undefined },
    )
    expect(worker).toMatchObject({ computedSlots: 5, labels: {} })
  })

  it('accept times in ms or in words', () => {
    expect(config({}, { drain: 1500, idleExit: '1h30m', experimentModules: ['a', 'b.js'] })).toMatchObject({
      drain: 1500,
      idleExit: 5_400_000,
      experimentModules: ['a', 'b.js'],
    })
    expect(() => config({}, { drain: 0 })).toThrow(/SCYTHE_WORKER_DRAIN: expected a time/)
  })

  it.each(['65536', '-1', '1.5', 'http'])('reject %s as a port', (port) => {
    expect(() => config({ SCYTHE_WORKER_HEALTH_PORT: port })).toThrow(/SCYTHE_WORKER_HEALTH_PORT: expected a port/)
  })

  it.each([
    ['SCYTHE_WORKER_HEALTH_HOST', 'http://localhost', /an address of this machine/],
    ['SCYTHE_WORKER_STORES', 's3://bucket/a,,b', /addresses of stores/],
    ['SCYTHE_WORKER_PASS_ENV', 'AWS_PROFILE AWS_REGION', /names of variables, separated by commas/],
  ])('for %s reject %s', (variable, value, expected) => {
    expect(() => config({ [variable]: value })).toThrow(expected)
  })

  it('reject an empty module between commas', () => {
    expect(() => config({ SCYTHE_WORKER_EXPERIMENTS: 'a.ts,,b.ts' })).toThrow(/SCYTHE_WORKER_EXPERIMENTS: expected/)
  })

  it('are rejected with every problem, options included', () => {
    expect(() =>
      config({ SCYTHE_WORKER_SLOTS: '0', SCYTHE_WORKER_HAS_GPU: 'perhaps' }, { durableSlots: 3_000_000_000 }),
    ).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_INVALID',
        problems: [
          { variable: 'SCYTHE_WORKER_SLOTS', value: '0', expected: 'a whole number from 1 to 10000' },
          {
            variable: 'SCYTHE_WORKER_DURABLE_SLOTS',
            value: '3000000000',
            expected: 'a whole number from 1 to 1000000',
          },
          { variable: 'SCYTHE_WORKER_HAS_GPU', value: 'perhaps', expected: expect.stringContaining('true or false') },
        ],
      }),
    )
  })

  it('are rejected if neither role is left', () => {
    expect(() => config({ SCYTHE_WORKER_DOES_FAN: 'false', SCYTHE_WORKER_DOES_LEAF: 'false' })).toThrow(
      expect.objectContaining({ code: 'SETTINGS_INVALID', message: expect.stringContaining('nothing to do') }),
    )
  })

  it.each([
    [1, 1],
    [7, 7],
    [8, 7],
    [64, 63],
  ])('allot to %d CPUs %d slots', (cpus, slots) => {
    expect(slotsFor(cpus)).toBe(slots)
  })

  it.each<[Record<string, string>, string]>([
    [{ AWS_BATCH_JOB_ARRAY_INDEX: '1' }, 'ScytheWorker--AWSBatch0001'],
    [{ COPILOT_ENVIRONMENT_NAME: 'prod' }, 'ScytheWorker--AWSCopilotPROD'],
    [
      { AWS_BATCH_JOB_ARRAY_INDEX: '12345', COPILOT_ENVIRONMENT_NAME: 'test' },
      'ScytheWorker--AWSBatch12345CopilotTEST',
    ],
    [{ FLY_REGION: 'iad' }, 'ScytheWorker--FlyIAD'],
    [{ FLY_REGION: 'iad', AWS_BATCH_JOB_ARRAY_INDEX: '0' }, 'ScytheWorker--AWSBatch0000'],
    [{ FLY_REGION: 'iad', SCYTHE_WORKER_NAME: 'w' }, 'w'],
    [{ FLY_REGION: '' }, 'ScytheWorker--Local'],
  ])('name the worker after its host: %j', (env, name) => {
    expect(config(env).computedName).toBe(name)
  })

  it.each(['FLY_REGION', 'COPILOT_ENVIRONMENT_NAME'])('reject a name with %s in it that engines reject', (variable) => {
    expect(() => config({ [variable]: 'ia d' })).toThrow(`${variable}: expected letters, digits,`)
  })

  it('include the source of each value', () => {
    const shown = config(
      { SCYTHE_WORKER_SLOTS: '3', SCYTHE_WORKER_HAS_GPU: 'yes', SCYTHE_WORKER_NAME: '' },
      { doesFan: false, drain: 90_000 },
    ).describe()
    expect(shown).toEqual([
      { setting: 'name', variable: 'SCYTHE_WORKER_NAME', value: 'ScytheWorker--Local', from: 'worked out' },
      { setting: 'slots', variable: 'SCYTHE_WORKER_SLOTS', value: '3', from: 'environment' },
      { setting: 'durableSlots', variable: 'SCYTHE_WORKER_DURABLE_SLOTS', value: '1000', from: 'default' },
      { setting: 'highMemory', variable: 'SCYTHE_WORKER_HIGH_MEMORY', value: 'false', from: 'default' },
      { setting: 'highCpu', variable: 'SCYTHE_WORKER_HIGH_CPU', value: 'false', from: 'default' },
      { setting: 'hasGpu', variable: 'SCYTHE_WORKER_HAS_GPU', value: 'true', from: 'environment' },
      { setting: 'doesFan', variable: 'SCYTHE_WORKER_DOES_FAN', value: 'false', from: 'option' },
      { setting: 'doesLeaf', variable: 'SCYTHE_WORKER_DOES_LEAF', value: 'true', from: 'default' },
      { setting: 'drain', variable: 'SCYTHE_WORKER_DRAIN', value: '1m30s', from: 'option' },
      { setting: 'idleExit', variable: 'SCYTHE_WORKER_IDLE_EXIT', value: 'never', from: 'default' },
      { setting: 'lifetime', variable: 'SCYTHE_WORKER_LIFETIME', value: 'never', from: 'default' },
      { setting: 'healthPort', variable: 'SCYTHE_WORKER_HEALTH_PORT', value: 'none', from: 'default' },
      { setting: 'healthHost', variable: 'SCYTHE_WORKER_HEALTH_HOST', value: '127.0.0.1', from: 'default' },
      { setting: 'stores', variable: 'SCYTHE_WORKER_STORES', value: 'none', from: 'default' },
      { setting: 'passEnv', variable: 'SCYTHE_WORKER_PASS_ENV', value: 'none', from: 'default' },
      {
        setting: 'experimentModules',
        variable: 'SCYTHE_WORKER_EXPERIMENTS',
        value: './experiments',
        from: 'default',
      },
      { setting: 'labels', variable: undefined, value: 'has_gpu', from: 'worked out' },
    ])
  })
})
