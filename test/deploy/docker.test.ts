import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { unknownVariables } from '../../src/cli/unknown-variables.js'
import { parseDuration } from '../../src/settings/duration.js'
import { workerSettings } from '../../src/settings/worker.js'
import { temporaryFolder } from '../support/folders.js'
import { ignores } from './context.js'
import { checkout, hadolint, hasCheckers, runPython } from './tools.js'

interface Service {
  readonly image: string
  readonly build?: string
  readonly entrypoint?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, unknown>>
  readonly stop_grace_period?: string
}

const exec = promisify(execFile)
const suite = 'the Dockerfile and compose.yaml'

describe.skipIf(!(await hasCheckers(suite)))(suite, () => {
  test('nothing is wrong with the Dockerfile to hadolint', async () => {
    expect(await hadolint(join(checkout, 'Dockerfile'))).toBe('')
  })

  test('compose.yaml is what the Compose specification allows', async () => {
    const check = ['-m', 'check_jsonschema', '--builtin-schema', 'vendor.compose-spec']
    expect(await runPython([...check, join(checkout, 'compose.yaml')])).toContain('ok')
  })
})

describe('.dockerignore', () => {
  test('keeps everything out that the Dockerfile does not copy', async () => {
    const ignored = ignores(await readFile(join(checkout, '.dockerignore'), 'utf8'))
    const kept = ['package.json', '.npmrc', 'src/index.ts', 'experiments/building-energy/weather/a.epw']
    const out = [
      '.env',
      '.git/config',
      'node_modules/zod/index.js',
      'src/node_modules/a.js',
      'experiments/.scythe/a.pq',
    ]
    expect(kept.filter(ignored)).toEqual([])
    expect(out.filter((file) => !ignored(file))).toEqual([])
  })
})

describe('compose.yaml', () => {
  let services: Readonly<Record<string, Service>>
  let volumes: readonly string[]

  beforeAll(async () => {
    const file = parse(await readFile(join(checkout, 'compose.yaml'), 'utf8'), { merge: true })
    services = file.services
    volumes = Object.keys(file.volumes)
  })

  test('names only services and volumes that it has', () => {
    const all = Object.values(services)
    const needed = all.flatMap((service) => Object.keys(service.depends_on ?? {}))
    const mounted = all.flatMap((service) => (service.volumes ?? []).map((volume) => volume.split(':')[0]))
    expect(Object.keys(services)).toEqual(expect.arrayContaining(needed))
    expect(volumes).toEqual(expect.arrayContaining(mounted))
  })

  test('starts the versions of others that are tested', async () => {
    const engine = /hatchet-dev\/hatchet (v\S+)/.exec(await readFile(join(checkout, 'tools/engine/go.mod'), 'utf8'))
    const s3 = /versity\/versitygw (v\S+)/.exec(await readFile(join(checkout, 'tools/s3/go.mod'), 'utf8'))
    expect(services.hatchet?.image).toBe(`ghcr.io/hatchet-dev/hatchet/hatchet-lite:${engine?.[1]}`)
    expect(services.token?.image).toBe(services.hatchet?.image)
    expect(services.s3?.image).toBe(`ghcr.io/versity/versitygw:${s3?.[1]}`)
  })

  test('opens ports to this machine alone', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? [])
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
  })

  test('has a worker for fans and one for leaves, and waits longer than they drain', () => {
    const settings = (name: string) => workerSettings(services[name]?.environment ?? {})
    expect(settings('fan')).toMatchObject({ doesFan: true, doesLeaf: false })
    expect(workerSettings({ ...services.leaf?.environment, SCYTHE_WORKER_SLOTS: '' })).toMatchObject({
      doesFan: false,
      doesLeaf: true,
    })
    for (const name of ['fan', 'leaf']) {
      const grace = parseDuration(services[name]?.stop_grace_period ?? '')
      expect(grace).toBeGreaterThan(workerSettings({}).drain + 5_000)
      expect(unknownVariables(services[name]?.environment ?? {})).toEqual([])
    }
  })

  test('hands the token to the program, and starts none without', async () => {
    const folder = await temporaryFolder()
    const file = join(folder, 'hatchet')
    const entrypoint = services.leaf!.entrypoint!.map((part) => {
      return part.replaceAll('$$', '$').replace('/token/hatchet', file)
    })
    const start = () => {
      const [shell = '', ...args] = [...entrypoint, process.execPath, '-p', 'JSON.stringify(process.env)']
      return exec(shell, args, { env: { PATH: process.env.PATH, ROLE: 'leaf' } })
    }
    await expect(start()).rejects.toMatchObject({ code: 1, stdout: '' })
    await writeFile(file, 'secret\n')
    const env = JSON.parse((await start()).stdout)
    expect(env.HATCHET_CLIENT_TOKEN).toBe('secret')
    expect(env.SCYTHE_WORKER_NAME).toMatch(/^leaf-[\w.-]+$/)
  })
})
