import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { unknownVariables } from '../../src/cli/unknown-variables.js'
import { parseDuration } from '../../src/settings/duration.js'
import { workerName, workerSettings } from '../../src/settings/worker.js'
import { checkout, hasCheckers, runPython } from './tools.js'

interface FlyConfig {
  readonly kill_signal: string
  readonly kill_timeout: string
  readonly env: Readonly<Record<string, string>>
  readonly processes: Readonly<Record<string, string>>
  readonly checks: Readonly<Record<string, { readonly port: number; readonly path: string }>>
}

const READ_TOML = `
import json, sys
try:
    import tomllib
except ImportError:
    import tomli as tomllib
json.dump(tomllib.load(open(sys.argv[1], "rb")), sys.stdout)
`

describe.skipIf(!(await hasCheckers('fly.toml')))('fly.toml', () => {
  let config: FlyConfig

  beforeAll(async () => {
    config = JSON.parse(await runPython(['-c', READ_TOML, join(checkout, 'deploy/fly/fly.toml')]))
  })

  test('gives workers longer than they drain, and no more than Fly gives', () => {
    expect(config.kill_signal).toBe('SIGTERM')
    const timeout = parseDuration(config.kill_timeout)
    expect(timeout).toBeGreaterThan(workerSettings(config.env).drain + 5_000)
    expect(timeout).toBeLessThanOrEqual(300_000)
  })

  test('starts workers for fans and workers for leaves, named after their region', () => {
    const settings = Object.entries(config.processes).map(([name, command]) => {
      const given = [...command.matchAll(/(SCYTHE_\w+)=(\S+)/g)].map(([, variable, value]) => [variable, value])
      const env = { ...config.env, ...Object.fromEntries(given), FLY_REGION: 'iad' }
      expect(unknownVariables(env)).toEqual([])
      return { group: name, ...workerSettings(env) }
    })
    expect(settings).toMatchObject([
      { group: 'fan', doesFan: true, doesLeaf: false },
      { group: 'leaf', doesFan: false, doesLeaf: true },
    ])
    expect(settings.map((worker) => workerName(worker, worker.host))).toEqual([
      'ScytheWorker--FlyIAD',
      'ScytheWorker--FlyIAD',
    ])
  })

  test('asks workers for their health, and lets nobody else in', () => {
    const { health } = config.checks
    expect(health).toMatchObject({ port: workerSettings(config.env).healthPort, path: '/health' })
    expect(Object.keys(config)).not.toEqual(expect.arrayContaining([expect.stringMatching(/service/)]))
  })
})
