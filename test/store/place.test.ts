import { mkdir, rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import type { StorePlace } from '../../src/store/backend.js'
import { placeOf } from '../../src/store/open.js'
import { temporaryFolder } from '../support/folders.js'

async function expectCovers(place: StorePlace, addresses: readonly string[], covers: boolean) {
  for (const address of addresses) expect([address, await place.covers(address)]).toEqual([address, covers])
}

test('the place of a store identifies a folder and its contents however the path is spelled', async () => {
  const root = await temporaryFolder()
  const folder = join(root, 'größe of runs')
  const link = join(root, 'link')
  await mkdir(join(folder, 'inner'), { recursive: true })
  await symlink(folder, link)
  const same = [folder, `${folder}/`, `${folder}/inner/..`, link, pathToFileURL(folder).href, pathToFileURL(link).href]
  const within = [join(folder, 'inner'), join(link, 'inner'), join(folder, 'not there', 'yet')]
  const outside = [root, join(root, 'none'), `${folder}2`, `${folder}/../other`, '/', 's3://bucket/prefix']
  for (const place of [placeOf(folder), placeOf(link), placeOf(pathToFileURL(folder).href)]) {
    await expectCovers(place, [...same, ...within], true)
    await expectCovers(place, outside, false)
  }
})

test('the place of a store excludes links that lead out of its folder', async () => {
  const root = await temporaryFolder()
  await mkdir(join(root, 'runs'))
  await mkdir(join(root, 'secrets'))
  await symlink(join(root, 'secrets'), join(root, 'runs', 'study'))
  await expectCovers(placeOf(join(root, 'runs')), [join(root, 'runs/study'), join(root, 'runs/study/new')], false)
})

test('the place of a store still identifies a folder that is away by the names that it had', async () => {
  const root = await temporaryFolder()
  const folder = join(root, 'runs')
  const link = join(root, 'link')
  await mkdir(folder)
  await symlink(folder, link)
  const place = placeOf(folder)
  await expectCovers(place, [link], true)
  await rename(folder, join(root, 'away'))
  await expectCovers(place, [folder, link], true)
  await expectCovers(place, [join(root, 'away')], false)
})

test('the place of a store stops identifying a link as its folder once the link leads elsewhere', async () => {
  const root = await temporaryFolder()
  const folder = join(root, 'runs')
  const link = join(root, 'link')
  await mkdir(folder)
  await mkdir(join(root, 'trap'))
  await symlink(folder, link)
  const place = placeOf(folder)
  await expectCovers(place, [link], true)
  await rename(link, join(root, 'old'))
  await symlink(join(root, 'trap'), link)
  await expectCovers(place, [link], false)
})

test('the place of a store identifies a bucket by its name and its prefix, with the keys under it', async () => {
  const place = placeOf('s3://bucket/studies/scythe/')
  await expectCovers(
    place,
    ['s3://bucket/studies/scythe', 's3://bucket/studies/scythe//', 's3://bucket/studies/scythe/a'],
    true,
  )
  const others = ['s3://bucket', 's3://bucket/studies', 's3://Bucket/studies/scythe', 's3://bucket/studies/scythe2']
  await expectCovers(place, [...others, 's3://other/studies/scythe', '/studies/scythe'], false)
  expect(place.holds('s3://bucket/studies/scythe/run/specs.pq')).toBe(true)
  expect(place.holds('s3://bucket/studies/scythe2/run/specs.pq')).toBe(false)
  expect(place.holds('s3://other/studies/scythe/run/specs.pq')).toBe(false)
  await expectCovers(placeOf('s3://bucket'), ['s3://bucket', 's3://bucket/any'], true)
  expect(placeOf('s3://bucket').holds('s3://bucket/anything')).toBe(true)
  expect(placeOf('/data').holds('file:///data/specs.pq')).toBe(false)
})
