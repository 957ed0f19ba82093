import { once } from 'node:events'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createFolderStore } from '../../src/store/folder.js'
import type { Store } from '../../src/store/store.js'
import { temporaryFolder } from '../support/folders.js'
import { storeConformance } from './conformance.js'
import { startStoreProcess } from './processes.js'

storeConformance('a store in a folder', async () =>
  createFolderStore({ path: join(await temporaryFolder(), 'a b', 'ü') }),
)

describe('a folder store', () => {
  it('keeps objects as files, and returns their paths', async () => {
    const path = await temporaryFolder()
    const store = createFolderStore({ path })
    expect(store.uri).toBe(pathToFileURL(path).href)
    expect(store.localPath('runs/ä?')).toBe(join(path, 'runs', 'ä?'))
    await store.put('runs/ä?', 'x')
    expect(await readFile(join(path, 'runs', 'ä?'), 'utf8')).toBe('x')
    expect(store.keyOf(`file://${path}/runs/%C3%A4%3f`)).toBe('runs/ä?')
  })

  it('shows no partial object and no empty folder if a process is killed while it writes', async () => {
    const path = await temporaryFolder()
    const { child, line } = startStoreProcess('hang', path)
    expect(await line()).toBe('half')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const store = createFolderStore({ path })
    expect(await store.head('runs/half')).toBeUndefined()
    expect(await keysOf(store)).toEqual([])
    expect(await store.listFolders('')).toEqual([])

    const [left] = await readdir(join(path, '.unfinished'))
    await store.put('a', 'x')
    expect(await readdir(join(path, '.unfinished'))).toEqual([left])
    const longAgo = Date.now() / 1000 - 25 * 60 * 60
    await utimes(join(path, '.unfinished', left!), longAgo, longAgo)
    await createFolderStore({ path }).put('a', 'y')
    expect(await readdir(join(path, '.unfinished'))).toEqual([])
  })

  it('shows a complete object while a process overwrites it, and after that process is killed', async () => {
    const path = await temporaryFolder()
    const store = createFolderStore({ path })
    const { child, line } = startStoreProcess('overwrite', path)
    for (let i = 0; i < 8; i++) {
      await line()
      expectWhole(await store.get('runs/same'))
    }
    child.kill('SIGKILL')
    await once(child, 'exit')
    expectWhole(await store.get('runs/same'))
    expect(await keysOf(store)).toEqual(['runs/same'])
  })

  it('writes into folders that other processes empty at the same time', async () => {
    const path = await temporaryFolder()
    const [writer, remover] = [createFolderStore({ path }), createFolderStore({ path })]
    let finished = false
    const removing = (async () => {
      while (!finished) await remover.delete(['a/b/c/none'])
    })()
    for (let i = 0; i < 40; i++) {
      await writer.put('a/b/c/put', 'x')
      await writer.delete(['a/b/c/put'])
      expect(await writer.putIfAbsent('a/b/c/absent', 'x')).toBe(true)
      await writer.delete(['a/b/c/absent'])
    }
    finished = true
    await removing
    expect(await readdir(path)).toEqual(['.unfinished'])
  })

  it('reports a missing folder as an outage, not as an empty store, and does not create another one', async () => {
    const path = join(await temporaryFolder(), 'root')
    const store = createFolderStore({ path })
    await store.put('a/b/c', 'x')
    await rename(path, `${path}-away`)
    const once = store.patient({ limit: 0 })
    const away = { code: 'STORE_UNUSABLE', trouble: 'outage', reason: 'ENOENT' }
    await expect(once.head('a/b/c')).rejects.toMatchObject(away)
    await expect(once.get('none')).rejects.toMatchObject(away)
    await expect(keysOf(once)).rejects.toMatchObject(away)
    await expect(once.listFolders('')).rejects.toMatchObject(away)
    await expect(once.put('a/b/c', 'y')).rejects.toMatchObject(away)
    await expect(once.putIfAbsent('d', 'y')).rejects.toMatchObject(away)
    await expect(once.compose('d', [Buffer.from('y')])).rejects.toMatchObject(away)
    const late = store.put('a/b/d', 'z')
    await rename(`${path}-away`, path)
    await late
    expect(await keysOf(store)).toEqual(['a/b/c', 'a/b/d'])
  })

  it('writes an object again after a failed sync, and does not trust the next sync', async () => {
    const path = await temporaryFolder()
    const store = createFolderStore({ path })
    const probe = await open(join(path, 'probe'), 'w')
    const sync = vi.spyOn(Object.getPrototypeOf(probe), 'sync')
    onTestFinished(async () => {
      sync.mockRestore()
      await probe.close()
    })
    sync.mockImplementationOnce(function (this: FileHandle) {
      // As a disk that has lost what it was to keep.
      return this.truncate(0).then(() => {
        throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO', syscall: 'fsync' })
      })
    })
    await store.put('runs/a', 'all of it')
    expect(await readFile(join(path, 'runs/a'), 'utf8')).toBe('all of it')
    sync.mockRejectedValueOnce(Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO', syscall: 'fsync' }))
    const pieces = [Buffer.from('b')]
    await expect(store.compose('runs/b', pieces)).rejects.toMatchObject({ code: 'STORE_UNUSABLE', reason: 'EIO' })
    expect(await store.head('runs/b')).toBeUndefined()
    expect(await readdir(join(path, '.unfinished'))).toEqual([])
  })

  it('creates its folder when it is probed', async () => {
    const path = join(await temporaryFolder(), 'root')
    const store = createFolderStore({ path })
    await store.put('a/b/c', 'x')
    await rm(path, { recursive: true })
    await store.probe()
    await store.put('a/b/c', 'y')
    expect(await keysOf(store)).toEqual(['a/b/c'])
  })

  it('does not list empty folders, nor files whose names are not keys', async () => {
    const path = await temporaryFolder()
    const store = createFolderStore({ path })
    await mkdir(join(path, 'empty', 'deeper'), { recursive: true })
    await writeFile(join(path, 'back\\slash'), '')
    await store.put('a/b', '')
    expect(await store.listFolders('')).toEqual(['a'])
    expect(await keysOf(store)).toEqual(['a/b'])
  })

  it('rejects an object under another object, and an object at the path of a folder', async () => {
    const store = createFolderStore({ path: await temporaryFolder() })
    await store.put('a/b', 'x')
    await expect(store.put('a/b/c', 'y')).rejects.toMatchObject({ code: 'KEY_INVALID', key: 'a/b/c' })
    await expect(store.put('a', 'y')).rejects.toMatchObject({ code: 'KEY_INVALID', key: 'a' })
    await expect(store.putIfAbsent('a', 'y')).rejects.toMatchObject({ code: 'KEY_INVALID', key: 'a' })
    await expect(store.put('n'.repeat(300), 'y')).rejects.toMatchObject({ code: 'KEY_INVALID' })
    expect(await keysOf(store)).toEqual(['a/b'])
  })

  it('names the remedy if a folder cannot be used', async () => {
    const store = createFolderStore({ path: '/proc/scythe' })
    const refused = { code: 'STORE_UNUSABLE', store: 'file:///proc/scythe' }
    await expect(store.put('a', '')).rejects.toMatchObject(refused)
    await expect(store.put('a', '')).rejects.toThrow('The folder /proc/scythe cannot be used (ENOENT: ')
    await expect(store.probe()).rejects.toMatchObject({ code: 'STORE_UNUSABLE' })
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    for (const path of [file, join(file, 'under')]) {
      await expect(createFolderStore({ path }).probe()).rejects.toMatchObject({ code: 'STORE_UNUSABLE' })
    }
  })

  it('lists any keys in the order of their bytes, also after a given key', async () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'b', '-', '0', '!', 'é', '～', '🌍'),
      minLength: 1,
      maxLength: 3,
    })
    const key = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
    const keys = fc.uniqueArray(key, { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(keys, key, async (keys, after) => {
        const path = await temporaryFolder()
        const possible = keys.filter((key) => !keys.some((other) => other.startsWith(`${key}/`)))
        for (const key of possible) {
          await mkdir(join(path, dirname(key)), { recursive: true })
          await writeFile(join(path, key), '')
        }
        const sorted = possible.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        expect(await keysOf(createFolderStore({ path }))).toEqual(sorted)
        const rest = sorted.filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)
        expect(await keysOf(createFolderStore({ path }), after)).toEqual(rest)
      }),
      { numRuns: 40 },
    )
  })
})

function expectWhole(bytes: Uint8Array): void {
  expect(Buffer.alloc(1024 * 1024, bytes[0]).equals(bytes)).toBe(true)
}

async function keysOf(store: Store, after = ''): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list('', { after })) keys.push(key)
  return keys
}
