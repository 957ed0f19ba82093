import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/folders.js'
import { fixture, scythe } from './scythe.js'

async function runLogging(env: NodeJS.ProcessEnv): Promise<string> {
  const folder = await temporaryFolder()
  writeFileSync(`${folder}/specs.csv`, 'n\n7\n')
  const words = ['run', fixture('logging.ts'), '--specs', 'specs.csv', '--slots', '1', '--json']
  const { code, stderr } = await scythe(folder, words, { env })
  expect(code).toBe(0)
  return stderr
}

it('the command line writes logs of specs as lines of text', async () => {
  expect(await runLogging({})).toMatch(
    /^\[scythe_experiment_logging 0\] debug begins\n\[scythe_experiment_logging 0\] warn has 7$/m,
  )
})

it('the command line writes logs of specs as JSON, with run, batch and spec, from the level that is set', async () => {
  const stderr = await runLogging({ SCYTHE_LOG_FORMAT: 'json', SCYTHE_LOG_LEVEL: 'warn', SCYTHE_WORKER_SLOT: '1' })
  const entries = stderr.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
  expect(entries).toEqual([
    {
      time: expect.any(String),
      level: 'warn',
      message: 'SCYTHE_WORKER_SLOT is not a setting and has no effect. Did you mean SCYTHE_WORKER_SLOTS?',
    },
    {
      time: expect.any(String),
      level: 'warn',
      message: 'has 7',
      experiment: 'scythe_experiment_logging',
      run: expect.stringMatching(/^scythe_experiment_logging\/v1\.0\.0\//),
      batch: '0-1',
      spec: 0,
    },
  ])
})

it('the command line rejects an unknown log format', async () => {
  const { code, stderr } = await scythe(await temporaryFolder(), ['list'], { env: { SCYTHE_LOG_FORMAT: 'xml' } })
  expect(code).toBe(2)
  expect(stderr).toContain('SCYTHE_LOG_FORMAT: expected text or json, got "xml"')
})
