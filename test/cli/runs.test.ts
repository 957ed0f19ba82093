import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixture, scythe, startScythe } from './scythe.js'

const folder = mkdtempSync(join(tmpdir(), 'scythe-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function json(...args: string[]) {
  const { code, stdout } = await scythe(folder, [...args, '--json'])
  return { exit: code, ...JSON.parse(stdout) }
}

describe('the runs of a store', () => {
  let first: string
  let latest: string

  beforeAll(async () => {
    const withered = [3, 5, 8].map((n) => `{"n":${n},"place":"Oslo","fate":"wither"}`)
    const specs = [...withered, '{"n":4,"place":"a \\"b\\", c"}', '{"n":9,"place":"Rio","fate":"wither"}'].join('\n')
    writeFileSync(join(folder, 'one.csv'), 'n\n1\n')
    writeFileSync(join(folder, 'some.jsonl'), specs)
    first = (await json('run', fixture('growth.ts'), '--specs', 'one.csv')).run
    latest = (await json('run', fixture('growth.ts'), '--specs', 'some.jsonl')).run
    mkdirSync(join(folder, '.scythe/half/v1.0.0/2026-01-01_00-00-00'), { recursive: true })
    writeFileSync(join(folder, '.scythe/half/v1.0.0/2026-01-01_00-00-00/specs.pq'), '')
  })

  it('are listed, also if their allocation did not end', async () => {
    expect((await json('list')).runs).toEqual([
      {
        run: 'half/v1.0.0/2026-01-01_00-00-00',
        specs: null,
        results: null,
        errors: null,
        open: null,
        state: 'incomplete',
        writtenBy: null,
      },
      { run: first, specs: 1, results: 1, errors: 0, open: 0, state: 'done', writtenBy: 'typescript' },
      { run: latest, specs: 5, results: 1, errors: 4, open: 0, state: 'done', writtenBy: 'typescript' },
    ])
    const { stdout } = await scythe(folder, ['list'])
    expect(stdout).toMatch(/2026-01-01_00-00-00 +– +– +– +– +incomplete$/m)
  })

  it('are selected by an ending of their name, or as the latest', async () => {
    const counts = { specs: 5, results: 1, errors: 4, open: 0 }
    expect(await json('status', 'latest')).toMatchObject({
      exit: 0,
      run: latest,
      ...counts,
      tables: { errors: { rows: 4 } },
    })
    expect(await json('status', latest.slice(latest.indexOf('v2.0.0')))).toMatchObject({ run: latest })
    expect(await json('status', '/2026-01-01_00-00-00')).toMatchObject({ exit: 2, error: { code: 'RUN_INCOMPLETE' } })
    expect(await json('status', latest.slice(0, -1))).toMatchObject({
      exit: 2,
      error: { code: 'RUN_NOT_FOUND', similar: [latest] },
    })
  })

  it('have results that can be read as CSV and as JSON lines', async () => {
    const { stdout } = await scythe(folder, ['results', 'latest'])
    const [row] = parse(stdout, { columns: true })
    expect(Object.keys(row as object).slice(0, 3)).toEqual(['sort_index', 'n', 'rate'])
    expect(row).toMatchObject({
      sort_index: '3',
      n: '4',
      rate: '',
      place: 'a "b", c',
      wet: 'false',
      experiment_id: latest,
    })

    const lines = await scythe(folder, ['results', 'latest', '--table', 'days', '--format', 'jsonl'])
    const days = lines.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(days).toMatchObject([
      { sort_index: 3, sort_subindex: 0, day: 4, rate: null },
      { sort_index: 3, sort_subindex: 1, day: 5 },
    ])
    expect(await json('results', 'latest', '--table', 'hours')).toMatchObject({
      exit: 2,
      error: { code: 'TABLE_NOT_FOUND' },
    })
  })

  it('have results that can be written to a file', async () => {
    const { code, stdout } = await scythe(folder, ['results', first, '-o', 'out.jsonl'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(JSON.parse(readFileSync(join(folder, 'out.jsonl'), 'utf8'))).toMatchObject({ n: 1, height: 1 })
  })

  it('have errors, grouped by message', async () => {
    const { stdout } = await scythe(folder, ['errors', 'latest'])
    expect(stdout).toContain(
      `4 errors in ${latest}\n  3 × SPEC_FAILED  RangeError: too dry in Oslo\n      specs 0, 1, 2\n`,
    )
    const all = await json('errors', 'latest')
    expect(all.groups).toMatchObject([
      { count: 3, specs: [0, 1, 2] },
      { count: 1, specs: [4] },
    ])
    expect(all.rows).toMatchObject([{ n: 3, error_code: 'SPEC_FAILED' }, { n: 5 }, { n: 8 }, { n: 9 }])
    expect(await json('errors', first)).toMatchObject({ errors: 0, groups: [], rows: [] })
  })

  it('are listed even if stderr is closed', async () => {
    const child = startScythe(folder, ['list', '--json'], { SCYTHE_WORKER_SLOT: 'misspelt, which is said on stderr' })
    child.stderr!.destroy()
    const [stdout, [code]] = await Promise.all([text(child.stdout!), once(child, 'close')])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).runs).not.toEqual([])
  })

  it('can be read by a process that stops reading', async () => {
    const child = startScythe(folder, ['results', 'latest'])
    child.stdout!.destroy()
    const [stderr, [code]] = await Promise.all([text(child.stderr!), once(child, 'close')])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})
