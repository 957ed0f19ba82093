import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createArtifacts } from '../../src/run/artifacts.js'
import { locate } from '../../src/run/manifest.js'
import { fetchInputFile } from '../../src/scatter/input-files.js'
import type { RunFolder } from '../../src/scatter/run-folder.js'
import { fetchSettings } from '../../src/settings/fetch.js'
import { openStore } from '../../src/store/open.js'
import { scopedStore } from '../../src/store/scoped-store.js'
import { temporaryFolder } from '../support/folders.js'

const { signal } = new AbortController()
const EXPERIMENT_ID = 'base/v1.0.0/2026-11-21_12-45-10'

const open = (path: string) => scopedStore(openStore(path), EXPERIMENT_ID)

it('files for workers of Python Scythe get distinct names that need no escaping', async () => {
  const folder = await temporaryFolder()
  const artifacts = createArtifacts(open(join(folder, 'runs')), { plain: true })
  for (const name of ['a b.epw', 'a%20b.epw', 'aüb.epw']) {
    await writeFile(join(folder, name), name)
    const uri = await artifacts.address(0, 'weather', join(folder, name))
    expect(uri).toMatch(/\/artifacts\/weather(-[0-9a-f]{12})?\/[\w.-]+\.epw$/)
    expect(await readFile(fileURLToPath(uri), 'utf8')).toBe(name)
  }
})

it('files of a moved run are found at its current location, from any address that they had', async () => {
  const folder = open(await temporaryFolder())
  const addresses = {
    'artifacts/weather/50% größe.epw': [
      `s3://old/runs/${EXPERIMENT_ID}/artifacts/weather/50% größe.epw`,
      // as pydantic writes it
      `s3://old/runs/${EXPERIMENT_ID}/artifacts/weather/50%%20gr%C3%B6%C3%9Fe.epw`,
      `file:///old/my%20runs/${EXPERIMENT_ID}/artifacts/weather/50%25%20gr%C3%B6%C3%9Fe.epw`,
    ],
    'artifacts/weather/a%20b.epw': [`s3://old/runs/${EXPERIMENT_ID}/artifacts/weather/a%20b.epw`],
    'artifacts/weather/a b.epw': [`file:///old/my%20runs/${EXPERIMENT_ID}/artifacts/weather/a%20b.epw`],
  }
  for (const key of Object.keys(addresses)) await folder.put(key, key)
  const run = { folder, allocation: { experiment_id: EXPERIMENT_ID } } as unknown as RunFolder
  for (const [key, uris] of Object.entries(addresses)) {
    for (const uri of uris) {
      expect(await fetchInputFile(run, uri, '/nowhere', { openStore, limits: fetchSettings({}), signal })).toBe(
        folder.localPath(key),
      )
      const specs_uri = uri.replace(/artifacts\/.*/, 'specs.pq')
      expect(await locate(folder, { specs_uri } as never, uri)).toBe(folder.uriOf(key))
    }
  }
  const gone = `s3://old/runs/${EXPERIMENT_ID}/artifacts/weather/gone.epw`
  await expect(
    fetchInputFile(run, gone, '/nowhere', { openStore, limits: fetchSettings({}), signal }),
  ).rejects.toMatchObject({
    code: 'FILE_UNAVAILABLE',
  })
})

it('a URL is decoded once, and a path never', async () => {
  const folder = await temporaryFolder()
  const names = ['a b', 'a%20b', 'a%2520b']
  await mkdir(join(folder, 'in'))
  for (const name of names) await writeFile(join(folder, 'in', name), name)
  const artifacts = createArtifacts(open(join(folder, 'runs')))
  const content = async (file: string) => readFile(fileURLToPath(await artifacts.address(0, 'f', file)), 'utf8')
  for (const name of names) expect(await content(join(folder, 'in', name))).toBe(name)
  expect(await content(`file://${folder}/in/a%20b`)).toBe('a b')
  expect(await content(`file://${folder}/in/a%2520b`)).toBe('a%20b')
})

it('a file whose upload failed is uploaded at the next attempt', async () => {
  const folder = await temporaryFolder()
  const [file, root] = [join(folder, 'a.txt'), join(folder, 'runs')]
  await writeFile(file, 'content')
  await writeFile(root, 'where the folder of the store should be')
  const artifacts = createArtifacts(scopedStore(openStore(root).patient({ limit: 0 }), EXPERIMENT_ID))
  await expect(artifacts.address(0, 'f', file)).rejects.toThrow()
  await rm(root)
  expect(await readFile(fileURLToPath(await artifacts.address(0, 'f', file)), 'utf8')).toBe('content')
})
