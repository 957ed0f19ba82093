import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/folders.js'
import { fixture, scythe } from './scythe.js'

it('a function may fork a helper in TypeScript, as under tsx', async () => {
  const folder = await temporaryFolder()
  const args = ['run', fixture('helpers.ts'), '--experiment', 'square', '--specs', '-', '--json']
  const { code, stdout, stderr } = await scythe(folder, args, { input: '{"n":3}\n{"n":4}\n' })
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(JSON.parse(stdout)).toMatchObject({ results: 2, errors: 0 })
})

it('megabytes printed by the last spec are written in full, and its process runs its exit handlers', async () => {
  const folder = await temporaryFolder()
  const log = join(folder, 'log')
  writeFileSync(join(folder, 'specs.jsonl'), JSON.stringify({ lines: 5_000, log }))
  const args = ['run', fixture('helpers.ts'), '--experiment', 'talk', '--specs', 'specs.jsonl', '--slots', '1']
  const { code, stderr } = await scythe(folder, args)
  expect(code).toBe(0)
  expect(stderr.match(/^\d+ \.+$/gm)?.length).toBe(5_000)
  expect(stderr).toContain('the last line\n')
  expect(readFileSync(log, 'utf8')).toBe('ended\n')
})
