import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { findModules } from '../../src/worker/modules.js'
import { temporaryFolder } from '../support/folders.js'

async function folderWith(files: readonly string[]): Promise<string> {
  const folder = await temporaryFolder()
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), '')
  }
  return folder
}

async function found(files: readonly string[]): Promise<string[]> {
  const folder = await folderWith(files)
  return findModules([folder]).map((file) => relative(folder, file))
}

test('a folder is resolved to its index module', async () => {
  expect(await found(['index.js', 'other.js', 'inner/index.js'])).toEqual(['index.js'])
  expect(await found(['index.js', 'index.ts', 'other.ts'])).toEqual(['index.ts'])
  expect(await found(['index.mjs'])).toEqual(['index.mjs'])
})

test('a folder without an index is resolved to its modules and the index modules of its folders', async () => {
  expect(
    await found([
      'wind.ts',
      'sun.mjs',
      'rain.test.ts',
      'wind.d.ts',
      'README.md',
      'data.json',
      'energy/index.ts',
      'energy/helper.ts',
      'energy/deep/index.ts',
      'weather/rain.epw',
    ]),
  ).toEqual(['sun.mjs', 'wind.ts', join('energy', 'index.ts')])
})

test('a module beside its compiled output is loaded once', async () => {
  expect(await found(['wind.js', 'wind.ts', 'wind.js.map'])).toEqual(['wind.ts'])
})

test('files are resolved to themselves, as paths or addresses, whether or not they exist', async () => {
  const folder = await folderWith(['a.test.ts', 'b/index.js'])
  const file = join(folder, 'a.test.ts')
  const none = join(folder, 'none.ts')
  expect(findModules([file, pathToFileURL(file).href, join(folder, 'b'), none])).toEqual([
    file,
    file,
    join(folder, 'b', 'index.js'),
    none,
  ])
  expect(findModules([])).toEqual([])
})
