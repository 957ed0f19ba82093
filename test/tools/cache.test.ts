import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { cacheFolder, makeOnce } from '../../tools/cache.js'
import { temporaryFolder } from '../support/folders.js'

describe('what is made once a machine', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('lies in the cache under a name that says what it was made from', () => {
    vi.stubEnv('SCYTHE_TOOLS_CACHE', '/somewhere')
    const folder = cacheFolder('engine', ['a', Buffer.from('b')])
    expect(dirname(folder)).toBe('/somewhere')
    expect(basename(folder)).toMatch(/^engine-[0-9a-f]{16}$/)
    expect(cacheFolder('engine', ['a', 'b'])).toBe(folder)
    expect(cacheFolder('engine', ['a', 'c'])).not.toBe(folder)
  })

  it('is made by one of those that ask for it at the same time', async () => {
    const folder = join(await temporaryFolder(), 'cache', 'tool')
    let made = 0
    const make = async (building: string) => {
      made++
      await writeFile(join(building, 'program'), 'x')
    }
    await Promise.all(Array.from({ length: 5 }, () => makeOnce(folder, make)))
    expect(made).toBe(1)
    expect(await readFile(join(folder, 'program'), 'utf8')).toBe('x')
    expect(await readdir(dirname(folder))).toEqual(['tool'])
  })

  it('leaves nothing behind when it cannot be made, and is tried again by the next', async () => {
    const folder = join(await temporaryFolder(), 'tool')
    const failing = async (building: string) => {
      await writeFile(join(building, 'half'), 'x')
      throw new Error('no network')
    }
    await expect(makeOnce(folder, failing)).rejects.toThrow('no network')
    expect(await readdir(dirname(folder))).toEqual([])
    await makeOnce(folder, async () => {})
    expect(await readdir(folder)).toEqual([])
  })

  it('is made by another when the process that was making it is gone', async () => {
    const folder = join(await temporaryFolder(), 'tool')
    await writeFile(`${folder}.lock`, '')
    await utimes(`${folder}.lock`, 0, 0)
    await makeOnce(folder, async () => {})
    expect(await readdir(dirname(folder))).toEqual(['tool'])
  })
})
