import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ended, fixture, scythe, startScythe } from './scythe.js'

const SPECS = 40
/** The first spec that waits until it is let; those before it wait a little. */
const LONG = 20

/** A folder with specs that tell of each call. */
function study(): { folder: string; calls: () => number[]; letGo: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'scythe-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const calls = join(folder, 'calls.txt')
  const lines = Array.from({ length: SPECS }, (_, n) => JSON.stringify({ n, calls, ms: n < LONG ? 40 : 600_000 }))
  writeFileSync(join(folder, 'specs.jsonl'), lines.join('\n'))
  return {
    folder,
    calls: () => readFileSync(calls, 'utf8').trim().split('\n').map(Number),
    letGo: () => writeFileSync(`${calls}.enough`, ''),
  }
}

function start(folder: string): ChildProcess {
  return startScythe(folder, ['run', fixture('growth.ts'), '--specs', 'specs.jsonl', '--slots', '1', '--batch', '4'])
}

/** Settles when the experiment has begun a spec that waits: of two batches in hand either may come first. */
async function longBegun(child: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: child.stderr! })) {
    const [, n] = /^began (\d+)$/.exec(line) ?? []
    if (Number(n) >= LONG) return
  }
}

/** Specs whose batch has a receipt. */
async function receipted(folder: string): Promise<Set<number>> {
  const { stdout } = await scythe(folder, ['list', '--json'])
  const [{ run }] = JSON.parse(stdout).runs
  const rows = new Set<number>()
  for (const name of readdirSync(join(folder, '.scythe', run, 'receipts'))) {
    const [, first, end] = /receipt-(\d+)-(\d+)\.json/.exec(name)!.map(Number)
    for (let row = first!; row < end!; row++) rows.add(row)
  }
  return rows
}

describe('a run that is interrupted', () => {
  it('by Ctrl-C stops cleanly and prints how to resume; resumed, it has a row for every spec and runs nothing twice', async () => {
    const { folder, calls, letGo } = study()
    const child = start(folder)
    await longBegun(child)
    child.kill('SIGINT')
    const { code, stderr, stdout } = await ended(child)
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
    expect(stderr).toMatch(/Resume it: scythe resume scythe_experiment_grow_plant\/v1\.0\.0\/\S+ \S+growth\.ts$/m)

    const done = await receipted(folder)
    expect(done.size).toBeGreaterThan(0)
    const before = calls().length
    const status = JSON.parse((await scythe(folder, ['status', 'latest', '--json'])).stdout)
    expect(status).toMatchObject({ specs: SPECS, results: done.size, errors: 0, open: SPECS - done.size, tables: {} })
    expect((await scythe(folder, ['results', 'latest'])).code).toBe(2)

    letGo()
    const resumed = await scythe(folder, ['resume', 'latest', fixture('growth.ts'), '--json'])
    expect(resumed.code).toBe(0)
    expect(JSON.parse(resumed.stdout)).toMatchObject({ run: status.run, specs: SPECS, results: SPECS, errors: 0 })
    expect(
      calls()
        .slice(before)
        .filter((n) => done.has(n)),
    ).toEqual([])
    const { stdout: csv } = await scythe(folder, ['results', 'latest'])
    expect(
      csv
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => Number(line.split(',')[1])),
    ).toEqual(Array.from({ length: SPECS }, (_, n) => n))
  })

  it('by SIGKILL is resumed from its receipts, with the module that is passed', async () => {
    const { folder, calls, letGo } = study()
    const child = start(folder)
    await longBegun(child)
    child.kill('SIGKILL')
    await ended(child)
    const done = await receipted(folder)
    expect(done.size).toBeGreaterThan(0)
    const before = calls().length
    letGo()
    const resumed = await scythe(folder, ['resume', 'latest', fixture('growth.ts'), '--json'])
    expect(resumed.code).toBe(0)
    expect(JSON.parse(resumed.stdout)).toMatchObject({ specs: SPECS, results: SPECS, errors: 0 })
    expect(
      calls()
        .slice(before)
        .filter((n) => done.has(n)),
    ).toEqual([])
  })

  it('by Ctrl-C while its store is away stops promptly, and is resumed without an error row', async () => {
    const { folder, letGo } = study()
    const child = start(folder)
    const output = ended(child)
    const lines = createInterface({ input: child.stderr! })[Symbol.asyncIterator]()
    async function until(pattern: RegExp): Promise<void> {
      for (let next = await lines.next(); !next.done; next = await lines.next()) if (pattern.test(next.value)) return
    }
    await until(/^began [23]\d$/)
    renameSync(join(folder, '.scythe'), join(folder, 'away'))
    // Only now are there rows to keep, however slow this process was.
    letGo()
    await until(/^scythe: file:\S+ is away \(ENOENT\): waiting for it$/)
    const told = performance.now()
    child.kill('SIGINT')
    expect((await output).code).toBe(130)
    expect(performance.now() - told).toBeLessThan(30_000)
    renameSync(join(folder, 'away'), join(folder, '.scythe'))
    expect(JSON.parse((await scythe(folder, ['status', 'latest', '--json'])).stdout)).toMatchObject({ errors: 0 })
    const resumed = await scythe(folder, ['resume', 'latest', fixture('growth.ts'), '--json'])
    expect(JSON.parse(resumed.stdout)).toMatchObject({ specs: SPECS, results: SPECS, errors: 0 })
  })

  it('before it starts leaves nothing to resume', async () => {
    const { folder } = study()
    const changes = watch(folder)
    const child = startScythe(folder, ['run', fixture('growth.ts'), '--specs', '-', '--json'])
    child.stdin!.write('{"n":1}\n')
    // The run's folder is claimed; more specs are waited for.
    for await (const { filename } of changes) if (filename === '.scythe') break
    child.kill('SIGINT')
    const { code, stdout } = await ended(child)
    expect(code).toBe(130)
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'CANCELLED', message: 'Stopped before anything was started.' },
    })
  })
})
