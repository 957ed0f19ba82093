import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/folders.js'
import { fixture, scythe } from './scythe.js'

const OBEYED = /[^\P{Cc}\n\t]|\u202e/u

it('names, cells and errors of others are escaped on a terminal, and data stay unchanged', async () => {
  const folder = await temporaryFolder()
  const specs = [
    { n: 0, name: 'a' },
    { n: 1, name: '\x1b[2Jb' },
  ]
  writeFileSync(join(folder, 'specs.jsonl'), specs.map((spec) => JSON.stringify(spec)).join('\n'))
  const run = await scythe(folder, ['run', fixture('loud.ts'), '--specs', 'specs.jsonl'])
  expect(run.code).toBe(3)
  expect(run.stdout).toContain('\\u001b]0;owned\\u0007\\u202efailed')
  expect(run.stdout).toContain('\\u001b[2Jb')
  const errors = await scythe(folder, ['errors', 'latest'])
  const missing = await scythe(folder, ['run', '\x1b[2Jgone.ts', '--specs', 'specs.jsonl'])
  expect(missing.stderr).toContain('\\u001b[2Jgone.ts')
  expect(run.stdout + run.stderr + errors.stdout + missing.stderr).not.toMatch(OBEYED)
  // Not a terminal: what a program reads is what was returned.
  const results = await scythe(folder, ['results', 'latest', '--format', 'jsonl'])
  expect(JSON.parse(results.stdout)).toMatchObject({ name: '\x1b[2Jb' })
})

it('passwords and signatures in quoted values of messages are not shown', async () => {
  const folder = await temporaryFolder()
  const { stderr } = await scythe(folder, ['list', '--store', 'https://me:secret@host/?sig=secret'])
  expect(stderr).toContain('***')
  expect(stderr).not.toContain('secret')
})
