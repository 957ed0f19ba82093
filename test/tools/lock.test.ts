import { execFile } from 'node:child_process'
import { readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/folders.js'

const LOCKS = 4
const STARTUP_MS = 1_000

it('gives an abandoned lock to one of several waiting processes', async () => {
  const folder = await temporaryFolder()
  for (let i = 0; i < LOCKS; i++) {
    writeFileSync(`${folder}/${i}.lock`, '')
    utimesSync(`${folder}/${i}.lock`, 0, 0)
  }
  const contender = fileURLToPath(new URL('fixtures/lock-contender.js', import.meta.url))
  const module = new URL('../../scripts/lock.js', import.meta.url).href
  const args = [contender, module, folder, `${LOCKS}`, `${Date.now() + STARTUP_MS}`]
  const ended = await Promise.all([1, 2, 3].map(() => promisify(execFile)(process.execPath, args)))
  expect(ended.flatMap(({ stdout }) => JSON.parse(stdout))).toEqual([])
  expect(readdirSync(folder)).toEqual([])
}, 60_000)
