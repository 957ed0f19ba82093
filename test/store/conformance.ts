import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Piece, Store } from '../../src/store/store.js'
import { temporaryFolder } from '../support/folders.js'
import { listingConformance } from './conformance-listing.js'
import { asynchronous, hash, keysOf, text } from './objects.js'
import { putIfAbsentInProcesses } from './processes.js'

const MIB = 1024 * 1024

/** What every store must do. `create` gives an empty one. Other processes open the same one by its address, unless it is not shared. */
export function storeConformance(name: string, create: () => Promise<Store>, { isShared = true } = {}): void {
  describe(name, () => {
    let store: Store
    beforeEach(async () => {
      store = await create()
      return () => store.close()
    })

    it('returns an object with the bytes that were put', async () => {
      await store.put('runs/a.bin', Uint8Array.of(0, 255, 7))
      await store.put('runs/text', 'Grüße 🌍')
      expect([...(await store.get('runs/a.bin'))]).toEqual([0, 255, 7])
      expect(text(await store.get('runs/text'))).toBe('Grüße 🌍')
      expect(await store.head('runs/text')).toEqual({ key: 'runs/text', size: 12 })
    })

    it('stores empty objects', async () => {
      await store.put('empty', '')
      expect(await store.head('empty')).toEqual({ key: 'empty', size: 0 })
      expect((await store.get('empty')).length).toBe(0)
      expect(await store.putIfAbsent('empty', 'more')).toBe(false)
    })

    it('replaces an object as a whole', async () => {
      await store.put('a', 'a long first version')
      await store.put('a', 'short')
      expect(text(await store.get('a'))).toBe('short')
    })

    it('throws an error that names the object if it does not exist', async () => {
      await store.put('folder/a', 'x')
      for (const key of ['none', 'folder', 'folder/a/b', 'folder/none']) {
        const missing = { code: 'OBJECT_NOT_FOUND', key, message: `There is no object ${key} in ${store.uri}.` }
        expect(await store.head(key)).toBeUndefined()
        await expect(store.get(key)).rejects.toMatchObject(missing)
        await expect(store.getRange(key, 0, 1)).rejects.toMatchObject(missing)
        await expect(store.copy(key, 'to')).rejects.toMatchObject(missing)
        await expect(store.compose('to', [{ key, start: 0, end: 1 }])).rejects.toMatchObject(missing)
      }
      const far = { key: 'none', start: 0, end: 9 * MIB }
      await expect(store.compose('to', [far])).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND', key: 'none' })
      expect(await keysOf(store.list(''))).toEqual(['folder/a'])
    })

    it('rejects keys that some store cannot hold', async () => {
      const keys = ['', '/a', 'a/', 'a//b', '../a', 'a/../b', 'a/.', 'a\\b', 'a\0b', 'a\nb', '\ud800', '.unfinished/a']
      for (const key of keys) {
        const refused = { code: 'KEY_INVALID', key }
        await expect(store.get(key)).rejects.toMatchObject(refused)
        await expect(store.head(key)).rejects.toMatchObject(refused)
        await expect(store.getRange(key, 0, 0)).rejects.toMatchObject(refused)
        await expect(store.put(key, '')).rejects.toMatchObject(refused)
        await expect(store.putIfAbsent(key, '')).rejects.toMatchObject(refused)
        await expect(store.compose(key, [])).rejects.toMatchObject(refused)
        await expect(store.copy('a', key)).rejects.toMatchObject(refused)
        await expect(store.copy(key, 'a')).rejects.toMatchObject(refused)
        await expect(store.upload(key, import.meta.filename)).rejects.toMatchObject(refused)
        await expect(store.download(key, '/nowhere/file')).rejects.toMatchObject(refused)
        await expect(store.delete([key])).rejects.toMatchObject(refused)
        expect(() => store.uriOf(key)).toThrow(expect.objectContaining(refused))
      }
      await expect(keysOf(store.list('../'))).rejects.toMatchObject({ code: 'KEY_INVALID' })
      await expect(store.listFolders('a')).rejects.toMatchObject({ code: 'KEY_INVALID' })
      await expect(store.listFolders('/')).rejects.toMatchObject({ code: 'KEY_INVALID' })
    })

    it('converts keys to addresses, and addresses to keys', async () => {
      const key = 'base id/v1.0.0/ä+%41#?/a.pq'
      expect(store.keyOf(store.uriOf(key))).toBe(key)
      expect(store.uriOf('a')).toBe(`${store.uri}/a`)
      for (const uri of [store.uri, `${store.uri}/`, `${store.uri}x/a`, 's3://other/a', 'file:///other/a', 'a', '']) {
        expect(store.keyOf(uri)).toBeUndefined()
      }
    })

    it('reads ranges of an object', async () => {
      await store.put('a', '0123456789')
      expect(text(await store.getRange('a', 0, 10))).toBe('0123456789')
      expect(text(await store.getRange('a', 3, 5))).toBe('34')
      expect((await store.getRange('a', 4, 4)).length).toBe(0)
    })

    it('rejects ranges beyond the end of an object, and invalid ranges', async () => {
      await store.put('a', '0123456789')
      const ranges: [number, number][] = [
        [5, 11],
        [10, 11],
        [90, 99],
        [-1, 3],
        [5, 4],
        [0.5, 2],
        [0, Number.NaN],
      ]
      for (const [start, end] of ranges) {
        const refused = { code: 'RANGE_INVALID', key: 'a', start, end }
        await expect(store.getRange('a', start, end)).rejects.toMatchObject(refused)
        await expect(store.compose('to', [{ key: 'a', start, end }])).rejects.toMatchObject(refused)
      }
      const far = { key: 'a', start: 0, end: 9 * MIB }
      await expect(store.compose('to', [far])).rejects.toMatchObject({ code: 'RANGE_INVALID', ...far })
      expect(await store.head('to')).toBeUndefined()
    })

    it('writes an object only if none exists, when asked to', async () => {
      expect(await store.putIfAbsent('receipts/1', 'first')).toBe(true)
      expect(await store.putIfAbsent('receipts/1', 'second')).toBe(false)
      expect(text(await store.get('receipts/1'))).toBe('first')
      await store.delete(['receipts/1'])
      expect(await store.putIfAbsent('receipts/1', 'third')).toBe(true)
    })

    it('lets exactly one of many concurrent callers create an object', async () => {
      const callers = Array.from({ length: 40 }, (_, i) => `caller ${i}`)
      const wrote = await Promise.all(callers.map((caller) => store.putIfAbsent('deep/er/claim', caller)))
      const winners = callers.filter((_, i) => wrote[i])
      expect(winners).toEqual([text(await store.get('deep/er/claim'))])
    })

    it.runIf(isShared)('lets exactly one of many processes create an object', async () => {
      const keys = Array.from({ length: 40 }, (_, i) => `claims/${i}`)
      const won = await putIfAbsentInProcesses(3, store.uri, keys)
      expect(won.flat().sort()).toEqual([...keys].sort())
      for (const [process, wonKeys] of won.entries()) {
        for (const key of wonKeys) expect(text(await store.get(key))).toBe(`process ${process}`)
      }
    })

    it('composes an object from bytes', async () => {
      expect(await store.compose('none', [])).toBe(0)
      expect((await store.get('none')).length).toBe(0)

      const pieces = Array.from({ length: 3000 }, (_, i) => Buffer.from(`piece ${i};`))
      pieces.push(Buffer.alloc(0), randomBytes(3 * MIB + 1))
      const whole = Buffer.concat(pieces)
      expect(await store.compose('sync', pieces)).toBe(whole.length)
      expect(whole.equals(await store.get('sync'))).toBe(true)
      expect(await store.compose('sync', asynchronous([Buffer.from('new')]))).toBe(3)
      expect(text(await store.get('sync'))).toBe('new')
    })

    it('composes an object from long and short ranges of other objects', async () => {
      const large = randomBytes(23 * MIB)
      const small = randomBytes(1000)
      await store.put('from/large', large)
      await store.put('from/small', small)
      const pieces: Piece[] = [
        Buffer.from('PAR1'),
        { key: 'from/large', start: 5, end: 22 * MIB },
        { key: 'from/small', start: 10, end: 1000 },
        { key: 'from/small', start: 7, end: 7 },
        { key: 'from/large', start: 1, end: 20 * MIB },
        { key: 'from/large', start: 0, end: 9 * MIB },
        large.subarray(0, 6 * MIB),
        { key: 'from/large', start: 3 * MIB, end: 12 * MIB },
        Buffer.from('PAR1'),
      ]
      const whole = Buffer.concat(
        pieces.map((piece) => {
          if (piece instanceof Uint8Array) return piece
          return (piece.key === 'from/large' ? large : small).subarray(piece.start, piece.end)
        }),
      )
      expect(await store.compose('to', asynchronous(pieces))).toBe(whole.length)
      expect(whole.equals(await store.get('to'))).toBe(true)
    })

    it('leaves no object behind if the pieces of a composed object fail', async () => {
      await store.put('kept', 'before')
      await store.put('large', Buffer.alloc(10 * MIB))
      const failure = Object.assign(new Error('ENOENT: the caller has lost a file'), {
        code: 'ENOENT',
        syscall: 'open',
      })
      let closed = 0
      async function* pieces(fail: boolean): AsyncGenerator<Piece> {
        try {
          yield Buffer.alloc(9 * MIB)
          yield { key: 'large', start: 0, end: 10 * MIB }
          if (fail) throw failure
          yield { key: 'none', start: 0, end: 1 }
          yield* pieces(false)
        } finally {
          closed++
        }
      }
      await expect(store.compose('new', pieces(true))).rejects.toBe(failure)
      await expect(store.compose('kept', pieces(true))).rejects.toBe(failure)
      await expect(store.compose('new', pieces(false))).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND', key: 'none' })
      expect(closed).toBe(3)
      expect(await keysOf(store.list(''))).toEqual(['kept', 'large'])
      expect(text(await store.get('kept'))).toBe('before')
    })

    it('uploads and downloads files', async () => {
      const folder = await temporaryFolder()
      for (const size of [0, 1000, 17 * MIB + 3]) {
        const bytes = randomBytes(size)
        await writeFile(join(folder, 'up'), bytes)
        await store.upload('files/a', join(folder, 'up'))
        expect(await store.head('files/a')).toEqual({ key: 'files/a', size })
        await store.download('files/a', join(folder, 'new', 'down'))
        expect(hash(await readFile(join(folder, 'new', 'down')))).toBe(hash(bytes))
      }
      expect(await readdir(join(folder, 'new'))).toEqual(['down'])
    })

    it('leaves nothing behind after an upload or a download that fails', async () => {
      const folder = await temporaryFolder()
      await expect(store.upload('a', join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
      expect(await store.head('a')).toBeUndefined()
      await expect(store.download('a', join(folder, 'down'))).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' })
      expect(await readdir(folder)).toEqual([])
    })

    it('copies an object to another key', async () => {
      await store.put('ä b/+&%41', 'body')
      await store.put('to', 'old')
      await store.copy('ä b/+&%41', 'to')
      expect(text(await store.get('to'))).toBe('body')
    })

    listingConformance(() => store)

    it('ignores missing objects when it deletes', async () => {
      await store.put('a/b', '')
      await store.delete(['none', 'none/at/all', 'a', 'a/b/c'])
      await store.delete([])
      expect(await keysOf(store.list(''))).toEqual(['a/b'])
    })

    it('passes its own probe, and leaves no object of the probe behind', async () => {
      await store.probe()
      expect(await keysOf(store.list(''))).toEqual([])
    })
  })
}
