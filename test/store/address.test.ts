import { fileURLToPath, pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asMeant, fileNameOf, pathOfUri } from '../../src/store/address.js'
import { ObjectNotFoundError } from '../../src/store/errors.js'
import { createFolderStore } from '../../src/store/folder.js'
import { isKey, safeName } from '../../src/store/key.js'
import { createS3Store } from '../../src/store/s3.js'
import { scopedStore } from '../../src/store/scoped-store.js'
import { hostileName } from './names.js'

const key = fc
  .array(hostileName, { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'))
  .filter(isKey)

describe('store addresses', () => {
  it.each([
    ['a folder', createFolderStore({ path: '/data/50% of #1?/ü' })],
    ['the root folder', createFolderStore({ path: '/' })],
    ['a bucket', createS3Store({ bucket: 'bucket', prefix: 'a%20b/ü #1' })],
    ['a whole bucket', createS3Store({ bucket: 'bucket', prefix: '' })],
  ])('converts an address of %s back to the key that it was built from', (_name, store) => {
    fc.assert(
      fc.property(key, key, (folder, key) => {
        expect(store.keyOf(store.uriOf(key))).toBe(key)
        const run = scopedStore(store, folder)
        expect(run.keyOf(run.uriOf(key))).toBe(key)
        expect(store.keyOf(run.uriOf(key))).toBe(`${folder}/${key}`)
      }),
    )
  })

  it('builds file URLs for a folder, and addresses with the unescaped key for a bucket', () => {
    const folder = createFolderStore({ path: '/data' })
    const bucket = createS3Store({ bucket: 'bucket', prefix: 'runs' })
    fc.assert(
      fc.property(key, (key) => {
        expect(folder.uriOf(key)).toBe(pathToFileURL(`/data/${key}`).href)
        expect(fileURLToPath(folder.uriOf(key))).toBe(folder.localPath(key))
        expect(bucket.uriOf(key)).toBe(`s3://bucket/runs/${key}`)
      }),
    )
  })

  it('rejects file URLs that could be read as the name of another file', () => {
    for (const uri of ['file:///a#b', 'file:///a?b', 'file:///a\nb', 'file:///a ', 'file:///a\\b', 'file:///50%']) {
      expect(pathOfUri(uri)).toBeUndefined()
    }
    expect(pathOfUri('file:///a%23b%3F%20%25')).toBe('/a#b? %')
    expect(pathOfUri('file:///ü [1]')).toBe('/ü [1]')
    expect(pathOfUri('/a%20b')).toBeUndefined()
  })

  it('reduces any text to a file name that every folder accepts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        for (const name of [safeName(text), fileNameOf(text), fileNameOf(`https://host/${text}`)]) {
          expect(isKey(`x/${name}`) && !name.includes('/') && Buffer.byteLength(name) <= 200).toBe(true)
        }
      }),
    )
    fc.assert(
      fc.property(hostileName, (name) => {
        expect(safeName(name)).toBe(name)
      }),
    )
  })
})

describe('asMeant()', () => {
  const bucket = new Map([
    ['s3://b/a%20b', 'escaped'],
    ['s3://b/two words', 'raw'],
    ['s3://b/50% größe', 'both'],
  ])
  const read = async (uri: string) => {
    const found = bucket.get(uri)
    if (found === undefined) throw new ObjectNotFoundError(uri, 's3://b')
    return found
  }

  it('reads an address as written, and without the escapes of pydantic if no object is there', async () => {
    expect(await asMeant('s3://b/a%20b', read)).toBe('escaped')
    expect(await asMeant('s3://b/two words', read)).toBe('raw')
    expect(await asMeant('s3://b/two%20words', read)).toBe('raw')
    expect(await asMeant('s3://b/50%%20gr%C3%B6%C3%9Fe', read)).toBe('both')
  })

  it('reports the address as written if no object is found', async () => {
    await expect(asMeant('s3://b/no%20one', read)).rejects.toMatchObject({ key: 's3://b/no%20one' })
    await expect(asMeant('file:///two%20words', read)).rejects.toMatchObject({ key: 'file:///two%20words' })
  })
})
