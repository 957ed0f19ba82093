import { chmod, chown, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { secureTypeScriptCache } from '../../src/execute/module/typescript.js'
import { temporaryFolder } from '../support/folders.js'

const user = process.geteuid?.()

/** A shared temporary folder of this test's own, and where tsx keeps what it has compiled in it. */
async function sharedFolder() {
  const shared = await temporaryFolder()
  vi.stubEnv('TMPDIR', shared)
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  return { shared, cache: join(shared, `tsx-${user}`) }
}

/** Whether tsx keeps what it has compiled, after a look at where. */
function keeps(): boolean {
  const env: NodeJS.ProcessEnv = {}
  secureTypeScriptCache(env)
  return env.TSX_DISABLE_CACHE === undefined
}

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

test('compiled TypeScript is kept in a folder that no other user can open', async () => {
  const { cache } = await sharedFolder()
  expect(keeps()).toBe(true)
  expect(await modeOf(cache)).toBe(0o700)
  await chmod(cache, 0o755)
  await writeFile(join(cache, '1-a'), 'kept')
  expect(keeps()).toBe(true)
  expect([await modeOf(cache), await readdir(cache)]).toEqual([0o700, ['1-a']])
})

test('a folder for compiled TypeScript that other users could have written to is discarded', async () => {
  const { cache } = await sharedFolder()
  for (const mode of [0o777, 0o770, 0o702]) {
    await mkdir(cache, { recursive: true })
    await writeFile(join(cache, '1-a'), 'planted')
    await chmod(cache, mode)
    expect(keeps()).toBe(true)
    expect([await modeOf(cache), await readdir(cache)]).toEqual([0o700, []])
  }
})

test('a link or a file in place of the folder for compiled TypeScript is not used', async () => {
  const { shared, cache } = await sharedFolder()
  await mkdir(join(shared, 'elsewhere'), { mode: 0o700 })
  await symlink(join(shared, 'elsewhere'), cache)
  expect(keeps()).toBe(false)
  const other = await sharedFolder()
  await writeFile(other.cache, '')
  expect(keeps()).toBe(false)
})

test.skipIf(user !== 0)('a folder for compiled TypeScript that belongs to another user is not used', async () => {
  const { cache } = await sharedFolder()
  await mkdir(cache, { mode: 0o700 })
  await chown(cache, 12345, 12345)
  expect(keeps()).toBe(false)
})
