import { mkdir, readdir, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/folders.js'
import { fixture, scythe } from './scythe.js'

/** Runs two specs, with this as the system's temporary folder. */
async function runIn(TMPDIR: string) {
  const env = { TMPDIR, SCYTHE_ENGINE: 'local' }
  const input = '{"n":1}\n{"n":2}'
  return scythe(await temporaryFolder(), ['run', fixture('growth.ts'), '--specs', '-'], { input, env })
}

const cacheIn = (shared: string) => join(shared, `tsx-${process.geteuid?.()}`)

test('compiled TypeScript is stored in a folder that is closed to other users', async () => {
  const shared = await temporaryFolder()
  expect(await runIn(shared)).toMatchObject({ code: 0 })
  expect((await stat(cacheIn(shared))).mode & 0o777).toBe(0o700)
  expect((await readdir(cacheIn(shared))).length).toBeGreaterThan(0)
})

test('a planted folder for compiled TypeScript is neither read nor written', async () => {
  const shared = await temporaryFolder()
  const elsewhere = await temporaryFolder()
  await mkdir(join(elsewhere, 'inner'))
  await symlink(join(elsewhere, 'inner'), cacheIn(shared))
  expect(await runIn(shared)).toMatchObject({ code: 0 })
  expect(await readdir(join(elsewhere, 'inner'))).toEqual([])
})
