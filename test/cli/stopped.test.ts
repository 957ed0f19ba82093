import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { ended, fixture, startScythe } from './scythe.js'

it('the time limit does not count time in which all processes of a run were stopped', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'scythe-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'specs.csv'), 'n\n1\n2\n3\n4\n')
  const run = startScythe(folder, ['run', fixture('naps.ts'), '--specs', 'specs.csv', '--slots', '2', '--json'])
  const begun = new Set<number>()
  const bothBegun = new Promise<void>((resolve) => {
    createInterface({ input: run.stderr! }).on('line', (line) => {
      const [, pid] = /^began (\d+)$/.exec(line) ?? []
      if (pid) begun.add(Number(pid))
      if (begun.size === 2) resolve()
    })
  })
  const end = ended(run)
  await bothBegun
  const all = [run.pid!, ...begun]
  for (const pid of all) process.kill(pid, 'SIGSTOP')
  // Longer than the time limit, and what is given beyond it.
  await sleep(6_000)
  for (const pid of all) process.kill(pid, 'SIGCONT')
  const { code, stdout } = await end
  expect(JSON.parse(stdout)).toMatchObject({ results: 4, errors: 0 })
  expect(code).toBe(0)
})
