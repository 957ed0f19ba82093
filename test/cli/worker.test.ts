import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/folders.js'
import { fixture, scythe } from './scythe.js'

async function error(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { code, stdout } = await scythe(folder, ['worker', ...args, '--json'], { env })
  return { exit: code, ...JSON.parse(stdout).error }
}

describe('scythe worker', () => {
  it('is rejected if the local engine runs specs itself', async () => {
    const folder = await temporaryFolder()
    expect(await error(folder, [], { SCYTHE_ENGINE: 'local' })).toMatchObject({
      exit: 2,
      code: 'USAGE',
      message: expect.stringContaining('scythe run'),
    })
  })

  it('is rejected if there are no experiments, with the setting that names them', async () => {
    const folder = await temporaryFolder()
    const message = expect.stringContaining('SCYTHE_WORKER_EXPERIMENTS: expected')
    expect(await error(folder, [])).toMatchObject({ exit: 2, code: 'SETTINGS_INVALID', message })
    const missing = { SCYTHE_WORKER_EXPERIMENTS: './none.ts', SCYTHE_WORKER_DOES_LEAF: 'no' }
    expect(await error(folder, [], missing)).toMatchObject({ exit: 2, code: 'SETTINGS_INVALID', message })
    await mkdir(join(folder, 'experiments'))
    expect(await error(folder, [], { SCYTHE_WORKER_DOES_FAN: 'no' })).toMatchObject({
      code: 'SETTINGS_INVALID',
      message,
    })
  })

  it('loads the modules of its folder, and names the broken one', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'experiments', 'wind'), { recursive: true })
    await writeFile(join(folder, 'experiments', 'sun.mjs'), 'console.log("sun is loaded")')
    await writeFile(join(folder, 'experiments', 'wind', 'index.ts'), 'const speed: number = missing')
    const { code, stdout, stderr } = await scythe(folder, ['worker'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^sun is loaded$/m)
    expect(stderr).toMatch(/wind\/index\.ts could not be loaded: ReferenceError: missing is not defined/)
    expect(await error(folder, ['none.ts'])).toMatchObject({ exit: 2, code: 'MODULE_NOT_LOADED' })
  })

  it('shows its settings and the experiments of modules', async () => {
    const folder = await temporaryFolder()
    const { stdout } = await scythe(folder, ['worker', fixture('growth.ts'), '--show', '--json'], {
      env: { SCYTHE_WORKER_DRAIN: '90s' },
    })
    const { settings, experiments } = JSON.parse(stdout)
    expect(experiments).toEqual(['scythe_experiment_grow_plant'])
    const drain = { setting: 'drain', variable: 'SCYTHE_WORKER_DRAIN', value: '1m30s', from: 'environment' }
    expect(settings).toContainEqual(drain)
  })
})
