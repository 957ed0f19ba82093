import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { jsonText } from '../../src/scatter/read-json.js'
import { temporaryFolder } from '../support/folders.js'
import { scythe } from './scythe.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Ends its run at the third spec, once the first two have their receipts, as long as there is no file `on`. */
const MODULE = `import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ExperimentRegistry } from 'scythe-engine'
import { z } from 'zod'
ExperimentRegistry.register({ input: z.object({ n: z.int() }), output: z.object({ twice: z.int() }) })(
  async function double({ n }) {
    if (n === 2 && !existsSync('on')) {
      const base = '.scythe/scythe_experiment_double/v1.0.0'
      const receipts = base + '/' + readdirSync(base)[0] + '/receipts'
      while (!existsSync(receipts) || readdirSync(receipts).length < 2) await sleep(10)
      process.kill(process.ppid, 'SIGKILL')
    }
    return { twice: n * FACTOR }
  },
)
const FACTOR = 2
`

/** A project whose run was killed after two of its three specs. */
async function project() {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  for (const name of ['zod']) await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  await symlink(ROOT, join(folder, 'node_modules/scythe-engine'))
  const module = join(folder, 'study.mjs')
  await writeFile(module, MODULE)
  const env = { SCYTHE_ENGINE: 'local' }
  const run = (...words: string[]) => scythe(folder, [...words, '--json'], { env, input: '{"n":0}\n{"n":1}\n{"n":2}' })
  await run('run', module, '--specs', '-', '--batch', '1', '--slots', '2')
  const base = join(folder, '.scythe/scythe_experiment_double/v1.0.0')
  const [time] = await readdir(base)
  await writeFile(join(folder, 'on'), '')
  const runFolder = join(base, time!)
  return { folder, module, run, runFolder }
}

async function changeAllocation(runFolder: string, change: object) {
  const path = join(runFolder, 'allocation.json')
  const { crc32: _, ...allocation } = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, jsonText({ ...allocation, ...change }))
}

async function codesOf(runFolder: string) {
  const names = (await readdir(join(runFolder, 'receipts'))).sort()
  const receipts = await Promise.all(names.map((name) => readFile(join(runFolder, 'receipts', name), 'utf8')))
  return receipts.map((text) => JSON.parse(text).code)
}

test('resume loads the module of the run if it is in the project, and accepts unchanged code', async () => {
  const { module, run, runFolder } = await project()
  await writeFile(module, `// another comment\n${MODULE}`)
  expect(await run('resume', 'latest')).toMatchObject({ code: 0 })
  const { code } = JSON.parse(await readFile(join(runFolder, 'allocation.json'), 'utf8'))
  expect(code).toMatchObject({
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    packages: [expect.stringMatching(/^zod@4/)],
  })
  expect(await codesOf(runFolder)).toEqual([code.hash, code.hash, code.hash])
})

test('resume rejects changed code and names it; with --changed-code it continues, and the run records which rows come from which code', async () => {
  const { folder, module, run, runFolder } = await project()
  await writeFile(module, MODULE.replace('FACTOR = 2', 'FACTOR = 20'))
  const refused = await run('resume', 'latest')
  expect(refused.code).toBe(2)
  const { error } = JSON.parse(refused.stdout)
  expect(error).toMatchObject({ code: 'CODE_CHANGED', module: pathToFileURL(module).href, changed: [] })
  expect(error.message).toMatch(
    /study\.mjs, or what it imports, has changed since .* resume it all the same: --changed-code/,
  )
  expect(await run('resume', 'latest', module)).toMatchObject({ code: 2 })

  expect(await run('resume', 'latest', '--changed-code')).toMatchObject({ code: 0 })
  const { stdout } = await scythe(folder, ['results', 'latest'])
  const [header, ...rows] = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(','))
  expect(rows.map((row) => row[header!.indexOf('twice')])).toEqual(['0', '2', '40'])
  const [first, second, third] = await codesOf(runFolder)
  expect(first).toBe(second)
  expect(third).toMatch(/^[0-9a-f]{64}$/)
  expect(third).not.toBe(first)

  const { codes } = JSON.parse((await run('status', 'latest')).stdout)
  expect(codes).toEqual([
    { code: first, specs: 2 },
    { code: third, specs: 1 },
  ])
  const status = await scythe(folder, ['status', 'latest'])
  expect(status.stdout).toContain(
    `Its code changed: 2 specs by ${first.slice(0, 12)}, 1 spec by ${third.slice(0, 12)}\n`,
  )
})

test('resume imports no module of the run that is not the user’s own, and prints how to pass it', async () => {
  const { folder, module, run, runFolder } = await project()
  const elsewhere = await temporaryFolder()
  const trap = (path: string) =>
    writeFile(
      path,
      `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(join(folder, 'proof'))}, '')\n`,
    )
  await mkdir(join(runFolder, 'artifacts/code'), { recursive: true })
  const own = join(runFolder, 'artifacts/code/study.mjs')
  await trap(own)
  await trap(join(elsewhere, 'study.mjs'))
  await symlink(join(elsewhere, 'study.mjs'), join(folder, 'linked.mjs'))
  const inStore = /lies in a store, where files are those of whoever made the run/
  const outside = /lies outside of the project that this is, /
  const traps: [string, RegExp][] = [
    [pathToFileURL(own).href, inStore],
    [pathToFileURL(join(elsewhere, 'study.mjs')).href, outside],
    [pathToFileURL(join(folder, 'linked.mjs')).href, outside],
    [`data:text/javascript,import { writeFileSync } from 'node:fs'; writeFileSync('proof', '')`, /it is not a file/],
    ['./study.mjs', /it is not a file/],
    ['https://example.com/study.mjs', /it is not a file/],
  ]
  for (const [address, reason] of traps) {
    await changeAllocation(runFolder, { module: address, code: undefined })
    const { code, stdout } = await run('resume', 'latest')
    expect([address, code]).toEqual([address, 2])
    expect(JSON.parse(stdout).error.message).toMatch(reason)
    expect(stdout).toMatch(/If you trust it, name it yourself: scythe resume latest <module>/)
  }
  await expect(readFile(join(folder, 'proof'))).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await run('resume', 'latest', module)).toMatchObject({ code: 0 })
})

test('a stopped run is resumed by the command that it prints, also if its module must be named', async () => {
  const { folder, module } = await project()
  const away = join(await temporaryFolder(), 'elsewhere')
  await mkdir(away)
  await rename(join(folder, '.scythe'), join(away, '.scythe'))
  const { code, stderr } = await scythe(away, ['resume', 'latest'], { env: { SCYTHE_ENGINE: 'local' } })
  expect(code).toBe(2)
  expect(stderr).toMatch(/lies outside of the project/)
  expect(stderr).toContain(module)
})

test('a module that cannot be bundled runs, with a message that it has no code hash', async () => {
  const { folder, run } = await project()
  const odd = `${MODULE}\nif (FACTOR > 2) await import('./odd.epw')\n`
  await writeFile(join(folder, 'odd.epw'), '')
  await writeFile(join(folder, 'odd.mjs'), odd)
  const { code, stderr, stdout } = await run('run', join(folder, 'odd.mjs'), '--specs', '-')
  expect({ code, results: JSON.parse(stdout).results }).toEqual({ code: 0, results: 3 })
  expect(stderr).toMatch(
    /resume will not tell whether the code has changed: it cannot be hashed \(odd\.mjs:\d+: No loader/,
  )
})
