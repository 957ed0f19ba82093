import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { codeHash } from '../../src/execute/module/code-hash.js'
import { temporaryFolder } from '../support/folders.js'

const FILES = {
  'study/main.ts': `import { wind } from './wind.js'
import helper from 'helper'
import { shared } from 'shared'
import { ExperimentRegistry } from 'scythe-engine'
export const energy = (n: number) => n * wind + helper + shared + Number(ExperimentRegistry)`,
  'study/wind.ts': 'export const wind = 3',
  'node_modules/helper/package.json': '{"name":"helper","version":"1.2.3","main":"main.js"}',
  'node_modules/helper/main.js': 'module.exports = 1',
  'packages/shared/package.json': '{"name":"shared","version":"0.0.0","main":"main.cjs"}',
  'packages/shared/main.cjs': 'exports.shared = require("deep")',
  'packages/shared/node_modules/deep/package.json': '{"name":"deep","version":"5.0.0","main":"main.js"}',
  'packages/shared/node_modules/deep/main.js': 'module.exports = 2',
}

type Change = Partial<Record<keyof typeof FILES | (string & {}), string>>

/** Writes a workspace with a study in it, and gives the hash of that. */
async function hashOf(change: Change = {}, main = 'study/main.ts') {
  const root = await temporaryFolder()
  for (const [name, text] of Object.entries({ ...FILES, ...change })) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text!)
  }
  await symlink('../packages/shared', join(root, 'node_modules/shared'))
  const found = await codeHash(pathToFileURL(join(root, main)).href)
  return 'hash' in found ? found : { hash: undefined, ...found }
}

test('equal code has an equal hash in any folder, and with other comments and whitespace', async () => {
  const first = await hashOf()
  expect(first).toMatchObject({
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    printer: expect.stringMatching(/^esbuild \d/),
    packages: ['deep@5.0.0', 'helper@1.2.3'],
  })
  expect(await hashOf()).toEqual(first)
  const spaced = `// what the wind is\n\n/** @license any */\nexport   const wind: number   = 3;\n`
  expect((await hashOf({ 'study/wind.ts': spaced })).hash).toBe(first.hash)
  const unused = { 'node_modules/helper/main.js': 'module.exports = 4 // of the same version' }
  expect((await hashOf(unused)).hash).toBe(first.hash)
})

test.each<[string, Change]>([
  ['the module', { 'study/main.ts': FILES['study/main.ts'].replace('n * wind', 'n + wind') }],
  ['an imported module', { 'study/wind.ts': 'export const wind = 4' }],
  [
    'the version of a package',
    { 'node_modules/helper/package.json': '{"name":"helper","version":"1.2.4","main":"main.js"}' },
  ],
  ['a package of the workspace', { 'packages/shared/main.cjs': 'exports.shared = require("deep") + 1' }],
  [
    'the version of a package that a workspace package imports',
    { 'packages/shared/node_modules/deep/package.json': '{"name":"deep","version":"5.0.1","main":"main.js"}' },
  ],
  [
    'a module imported for its side effects',
    {
      'study/package.json': '{"sideEffects":false}',
      'study/main.ts': `import './effect.js'\n${FILES['study/main.ts']}`,
      'study/effect.ts': 'globalThis.gravity = 9.8',
    },
  ],
])('a change of %s changes the code hash', async (_, change) => {
  const [first, changed] = await Promise.all([hashOf(), hashOf(change)])
  expect(changed.hash).toEqual(expect.any(String))
  expect(changed.hash).not.toBe(first.hash)
})

test('a module imported for its side effects counts by its contents', async () => {
  const with98 = { 'study/package.json': '{"sideEffects":false}', 'study/main.ts': "import './effect.js'" }
  const [one, other] = await Promise.all([
    hashOf({ ...with98, 'study/effect.ts': 'globalThis.gravity = 9.8' }),
    hashOf({ ...with98, 'study/effect.ts': 'globalThis.gravity = 1.6' }),
  ])
  expect(one.hash).not.toBe(other.hash)
})

test('the package itself does not count, even if it is linked', async () => {
  const root = await temporaryFolder()
  await writeFile(join(root, 'main.mjs'), "import 'scythe-engine'; import 'node:fs'; import 'fs'")
  await mkdir(join(root, 'node_modules'))
  await symlink(process.cwd(), join(root, 'node_modules/scythe-engine'))
  expect(await codeHash(pathToFileURL(join(root, 'main.mjs')).href)).toMatchObject({ packages: [] })
})

test('a package that is not installed is named, and does not prevent a code hash', async () => {
  const optional = 'export let fast\ntry { fast = require("fast-math") } catch {}'
  expect(await hashOf({ 'study/main.ts': optional })).toMatchObject({
    hash: expect.any(String),
    packages: ['fast-math (not installed)'],
  })
})

test.each<[string, Change, string, RegExp]>([
  ['does not compile', { 'study/wind.ts': 'export const wind = = 3' }, 'study/main.ts', /wind\.ts:1: Unexpected "="/],
  [
    'imports a missing file',
    { 'study/main.ts': "import './none.js'" },
    'study/main.ts',
    /main\.ts:1: Could not resolve/,
  ],
  [
    'imports a file that cannot be bundled',
    { 'study/main.ts': "import './a.epw'", 'study/a.epw': '' },
    'study/main.ts',
    /No loader/,
  ],
  ['does not exist', {}, 'study/none.ts', /Could not resolve/],
])('a module that %s has no code hash, with a reason', async (_, change, main, reason) => {
  expect(await hashOf(change, main)).toEqual({ hash: undefined, reason: expect.stringMatching(reason) })
})

test('a path that is not a file has no code hash', async () => {
  expect(await codeHash('data:text/javascript,1')).toEqual({ reason: expect.stringMatching(/file/) })
  expect(await codeHash('')).toEqual({ reason: expect.any(String) })
})
