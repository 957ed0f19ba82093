import { expect, it } from 'vitest'
import { createFolderStore } from '../../src/store/folder.js'
import { scopedStore } from '../../src/store/scoped-store.js'
import { temporaryFolder } from '../support/folders.js'

it('a scoped store serves a folder of another store as a store of its own', async () => {
  const store = createFolderStore({ path: await temporaryFolder() })
  const run = scopedStore(store, 'base/v1.0.0')
  await run.put('parts/a', 'PA')
  expect(await run.putIfAbsent('parts/a', 'x')).toBe(false)
  await run.put('parts/b', 'R1')
  await store.put('base/v1.0.0-b/c', 'another')
  await run.compose('final/whole', [{ key: 'parts/a', start: 0, end: 2 }, Buffer.from('R1')])
  expect(Buffer.from(await store.get('base/v1.0.0/final/whole')).toString()).toBe('PAR1')
  await run.copy('final/whole', 'parts/c')

  const keys: string[] = []
  for await (const { key } of run.list('parts/', { after: 'parts/a' })) keys.push(key)
  expect(keys).toEqual(['parts/b', 'parts/c'])
  expect(await run.listFolders('')).toEqual(['final', 'parts'])
  expect(await run.head('parts/c')).toEqual({ key: 'parts/c', size: 4 })
  expect(run.uriOf('parts/c')).toBe(store.uriOf('base/v1.0.0/parts/c'))
  expect(run.keyOf(store.uriOf('base/v1.0.0/parts/c'))).toBe('parts/c')
  expect(run.keyOf(store.uriOf('base/v1.0.0-b/c'))).toBeUndefined()

  await run.delete(['parts/a', 'parts/b', 'parts/c', 'final/whole'])
  expect(await store.listFolders('base/')).toEqual(['v1.0.0-b'])
})
