import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/folders.js'
import { scythe } from './scythe.js'

const ioSpec = (minLength: string) => `properties:
  input:
    type: object
    properties:
      a: {type: string, minLength: ${minLength}}
  output: {type: object, properties: {b: {type: number}}}
`
const importOf = (folder: string, text: string) => {
  writeFileSync(join(folder, 'io.yml'), text)
  return scythe(folder, ['schema', 'import', 'io.yml', '--experiment', 'survey', '-o', 'survey.ts'])
}

test('schema import writes a module only from an io spec, and no value of it as code', async () => {
  const folder = await temporaryFolder()
  const evil = await importOf(folder, ioSpec(`"((await import('node:fs')).writeFileSync('pwned','x'),1)"`))
  expect(evil).toMatchObject({ code: 2, stdout: '' })
  expect(evil.stderr).toContain(
    'the io spec is wrong at properties.input.properties.a.minLength: Invalid input: expected number, received string',
  )
  expect(await importOf(folder, '{')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('io.yml is not valid YAML'),
  })
  expect(readdirSync(folder)).toEqual(['io.yml'])
  expect((await importOf(folder, ioSpec('3'))).code).toBe(0)
  expect(existsSync(join(folder, 'pwned'))).toBe(false)
  expect(readFileSync(join(folder, 'survey.ts'), 'utf8')).toContain('a: z.string().min(3).optional()')
})
