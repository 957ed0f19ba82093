import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { guardFolder, startGuarded } from '../../tools/guard.js'
import { temporaryFolder } from '../support/folders.js'
import { isAlive } from '../support/processes.js'

const guarding = fileURLToPath(new URL('fixtures/guarding.ts', import.meta.url))
const soon = { timeout: 20_000, interval: 20 }

describe('a guarded program', () => {
  it('ends, and its folder goes, when the process that started it is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
    const owner = spawn(process.execPath, ['--import', 'tsx', guarding, folder], { stdio: 'inherit' })
    const pid = Number(await vi.waitFor(() => readFile(join(folder, 'pid'), 'utf8'), soon))
    expect(isAlive(pid)).toBe(true)
    owner.kill('SIGKILL')
    await expect.poll(() => isAlive(pid), soon).toBe(false)
    await expect.poll(() => existsSync(folder), soon).toBe(false)
  })

  it('is ended by the signal that was asked for, and has ended when it is stopped', async () => {
    const folder = await temporaryFolder()
    const log = join(folder, 'log')
    const script = `process.once('SIGINT', () => process.exit(console.log('interrupted')))
      setInterval(() => {}, 1000)
      console.log('ready')`
    const program = startGuarded({ title: 'node', program: process.execPath, args: ['-e', script], log, signal: 'INT' })
    await program.ready(async () => (await readFile(log, 'utf8')) === 'ready\n')
    await program.stop()
    expect(await readFile(log, 'utf8')).toBe('ready\ninterrupted\n')
  })

  it('that ends before it is ready is an error with the end of its log', async () => {
    const log = join(await temporaryFolder(), 'log')
    const program = startGuarded({ title: 'The program', program: 'sh', args: ['-c', 'echo no luck'], log })
    await expect(program.ready(async () => false)).rejects.toThrow('The program did not start.\nno luck')
    await program.stop()
  })
})

it('a guarded folder goes when its guard is stopped', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
  await guardFolder(folder).stop()
  expect(existsSync(folder)).toBe(false)
})
