import { expect, it } from 'vitest'
import type { Store } from '../../src/store/store.js'
import { collect, inTurns, keysOf } from './objects.js'

/** What every store must do when it lists. `store` gives an empty one in each test. */
export function listingConformance(store: () => Store): void {
  it('lists more than a thousand objects, continues after a given key, and deletes them all', async () => {
    const keys = Array.from({ length: 1200 }, (_, i) => `many/${String(i).padStart(5, '0')}`)
    await inTurns(keys, (key) => store().put(key, key))
    expect(await collect(store().list('many/'))).toEqual(keys.map((key) => ({ key, size: 10 })))
    expect(await keysOf(store().list('many/', { after: keys[3]! }))).toEqual(keys.slice(4))
    expect(await keysOf(store().list('many/', { after: 'many/01150x' }))).toEqual(keys.slice(1151))
    expect(await keysOf(store().list('many/', { after: keys.at(-1)! }))).toEqual([])

    await store().delete(new Set(keys.slice(1)))
    expect(await keysOf(store().list(''))).toEqual([keys[0]])
  })

  it('lists keys in the order of the bytes of the whole key', async () => {
    const keys = [
      'B',
      'a!',
      'a-b',
      'a-b/c',
      'a.b',
      'a/b',
      'a/b-c',
      'a/b!/d',
      'a/c/d',
      'a0',
      'ab',
      'é',
      'ｚ',
      '𝒜',
      '🌍/x',
    ]
    const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    // A key may not be another's folder.
    const possible = sorted.filter((key) => key !== 'a-b')
    await inTurns(possible, (key) => store().put(key, ''))
    expect(await keysOf(store().list(''))).toEqual(possible)
    for (const after of [...sorted, 'a/', 'a', 'a/b!', '', '\u{10ffff}']) {
      const rest = possible.filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)
      expect(await keysOf(store().list('', { after }))).toEqual(rest)
      expect(await keysOf(store().list('a/', { after }))).toEqual(rest.filter((key) => key.startsWith('a/')))
    }
  })

  it('lists keys that start with a prefix, even if the prefix ends within a name', async () => {
    await inTurns(['run/a', 'run/ab/c', 'run/b', 'runs', 'ru', 'x'], (key) => store().put(key, ''))
    expect(await keysOf(store().list('run'))).toEqual(['run/a', 'run/ab/c', 'run/b', 'runs'])
    expect(await keysOf(store().list('run/'))).toEqual(['run/a', 'run/ab/c', 'run/b'])
    expect(await keysOf(store().list('run/a'))).toEqual(['run/a', 'run/ab/c'])
    expect(await keysOf(store().list('run/ab/c'))).toEqual(['run/ab/c'])
    expect(await keysOf(store().list('none/'))).toEqual([])
  })

  it('lists the folders directly under a prefix that hold objects', async () => {
    await inTurns(['top', 'run-b/v1/x/y', 'run/v1/a', 'run/v2/b/c', 'run/file', 'é/a'], (key) => store().put(key, ''))
    expect(await store().listFolders('')).toEqual(['run', 'run-b', 'é'])
    expect(await store().listFolders('run/')).toEqual(['v1', 'v2'])
    expect(await store().listFolders('run/v1/')).toEqual([])
    expect(await store().listFolders('none/')).toEqual([])
    await store().delete(['run/v2/b/c'])
    expect(await store().listFolders('run/')).toEqual(['v1'])
  })
}
