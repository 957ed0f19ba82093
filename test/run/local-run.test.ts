import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type AllocateOptions, BaseExperiment, localEngine, type Run, type RunProgress } from '../../src/index.js'
import { failing, profile } from '../fixtures/experiments.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'

async function engineOf(slots: number) {
  const engine = await localEngine({ slots })
  onTestFinished(() => engine.close())
  return engine
}

async function rowsOf(run: Run, table: string) {
  return collect(run.rows(table))
}

/** Rows without what names a run, a task, a worker, a place or a time. */
function timeless(rows: Record<string, unknown>[]) {
  const names = [
    'experiment_id',
    'workflow_run_id',
    'root_workflow_run_id',
    'report',
    'error_worker',
    'error_seconds',
    'error_stack',
  ]
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name))))
}

const profileSpecs = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    base: n / 4,
    steps: n % 4,
    mode: n % 2 ? ('product' as const) : ('sum' as const),
    weights: n % 3 ? [1, n] : [],
    note: n % 5 ? `n${n}` : null,
  }))

async function runProfiles(count: number, options: AllocateOptions & { slots: number }) {
  const store = await temporaryFolder()
  const engine = await engineOf(options.slots)
  const { run, ref } = await new BaseExperiment({ runnable: profile, store }).allocate(profileSpecs(count), {
    ...options,
    engine,
  })
  return { run, result: await ref.result(), store }
}

describe('a run on the local engine', () => {
  it('returns the row, the tables and the file of every spec', async () => {
    const progress: RunProgress[] = []
    const { run, result } = await runProfiles(25, { slots: 2, batch: 4, onProgress: (now) => progress.push(now) })
    expect(result).toMatchObject({ run: run.id, specs: 25, results: 25, errors: 0 })
    expect(Object.keys(result.tables).sort()).toEqual(['levels', 'result_file_refs', 'scalars'])
    const scalars = await rowsOf(run, 'scalars')
    expect(scalars.map((row) => row.sort_index)).toEqual(Array.from({ length: 25 }, (_, n) => n))
    expect(scalars[7]).toMatchObject({
      total: 1.75 * 8.75 * 3.75,
      label: 'product:7',
      base: 1.75,
      steps: 3,
      note: 'n7',
    })
    const levels = await rowsOf(run, 'levels')
    expect(levels).toHaveLength(profileSpecs(25).reduce((sum, { steps }) => sum + steps, 0))
    expect(levels[0]).toMatchObject({ sort_index: 1, sort_subindex: 0, level: 0.25, name: 'level-0' })
    const [file] = await rowsOf(run, 'result_file_refs')
    expect(await readFile(fileURLToPath(String(file!.report)), 'utf8')).toBe('0: \n')
    expect(await run.status()).toEqual({
      specs: 25,
      results: 25,
      errors: 0,
      open: 0,
      state: 'done',
      writtenBy: 'typescript',
    })
    expect(progress.at(-1)).toEqual({ specs: 25, done: 25, errors: 0 })
  })

  it('returns equal tables for any number of slots, batches, tree and pilot', async () => {
    const layouts = [
      { slots: 1, batch: 1 },
      { slots: 2, batch: 500 },
      { slots: 2 },
      { slots: 2, batch: 7, recursionMap: { factor: 3, maxDepth: 2 } },
    ]
    const seen: Record<string, unknown>[] = []
    for (const layout of layouts) {
      const { run } = await runProfiles(90, layout)
      seen.push({ scalars: timeless(await rowsOf(run, 'scalars')), levels: timeless(await rowsOf(run, 'levels')) })
    }
    for (const tables of seen) expect(tables).toEqual(seen[0])
  })

  it('turns every death of a spec into one error row that names it', async () => {
    const fates = ['throw', 'loop', 'heap', 'map', 'buffers', 'exit', 'abort']
    const specs = Array.from({ length: 40 }, (_, n) => ({ n, fate: fates[n / 5] ?? 'fine' }))
    const store = await temporaryFolder()
    const engine = await engineOf(2)
    const { run, ref } = await new BaseExperiment({ runnable: failing, store }).allocate(specs, { engine })
    const result = await ref.result()
    expect(result).toMatchObject({ specs: 40, results: 33, errors: 7 })
    const errors = await collect(run.errors())
    expect(errors.map((row) => [row.sort_index, row.error_code])).toEqual([
      [0, 'SPEC_FAILED'],
      [5, 'SPEC_TIMED_OUT'],
      [10, 'SPEC_OUT_OF_MEMORY'],
      [15, 'SPEC_OUT_OF_MEMORY'],
      [20, 'SPEC_OUT_OF_MEMORY'],
      [25, 'SPEC_EXITED'],
      [30, 'SPEC_CRASHED'],
    ])
    expect(errors[0]).toMatchObject({
      error_name: 'RangeError',
      error_message: 'the wind stopped',
      n: 0,
      fate: 'throw',
    })
    expect((await rowsOf(run, 'scalars')).map((row) => row.n)).toEqual(
      specs.filter(({ fate }) => fate === 'fine').map(({ n }) => n),
    )
  })

  it('stops when it is cancelled, and continues from its progress when it is resumed', async () => {
    const store = await temporaryFolder()
    const calls = join(store, 'calls.txt')
    const specs = Array.from({ length: 60 }, (_, n) => ({ n, calls, ms: n < 15 ? 50 : 5000 }))
    const engine = await engineOf(2)
    let some: () => void
    const begun = new Promise<void>((resolve) => {
      some = resolve
    })
    const { run, ref } = await new BaseExperiment({ runnable: failing, store }).allocate(specs, {
      engine,
      batch: 5,
      onProgress: ({ done }) => done >= 12 && some(),
    })
    await begun
    await ref.cancel()
    await expect(ref.result()).rejects.toMatchObject({ code: 'CANCELLED' })
    const stopped = await run.status()
    expect(stopped.results).toBeGreaterThan(0)
    expect(stopped.open).toBeGreaterThan(0)
    expect(stopped.results + stopped.errors + stopped.open).toBe(60)

    const receipted = await receiptedRows(store, run)
    const before = await readCalls(calls)
    await writeFile(`${calls}.enough`, '')
    expect(await (await run.resume({ engine })).result()).toMatchObject({ results: 60, errors: 0 })
    const again = (await readCalls(calls)).slice(before.length)
    expect(again.filter((n) => receipted.has(n))).toEqual([])
  })

  it('accepts a single spec', async () => {
    const store = await temporaryFolder()
    const { run, ref } = await new BaseExperiment({ runnable: failing, store }).allocate(
      { n: 21 },
      { engine: await engineOf(1) },
    )
    expect(await ref.result()).toMatchObject({ specs: 1, results: 1 })
    expect(await rowsOf(run, 'scalars')).toMatchObject([{ twice: 42 }])
    // A plain n is a boolean in YAML 1.1, which Python reads.
    expect(await readFile(join(store, run.id, 'workflow_spec.yml'), 'utf8')).toMatch(/^"n": 21$/m)
  })

  it('accepts specs from an async generator', async () => {
    async function* generate() {
      for (let n = 0; n < 30; n++) yield { n }
    }
    const store = await temporaryFolder()
    const { ref } = await new BaseExperiment({ runnable: failing, store }).allocate(generate(), {
      engine: await engineOf(2),
    })
    expect(await ref.result()).toMatchObject({ specs: 30, results: 30 })
  })
})

async function receiptedRows(store: string, run: Run): Promise<Set<number>> {
  const { readdir } = await import('node:fs/promises')
  const rows = new Set<number>()
  for (const name of await readdir(join(store, run.id, 'receipts'))) {
    const [, start, end] = /receipt-(\d+)-(\d+)/.exec(name)!.map(Number)
    for (let row = start!; row < end!; row++) rows.add(row)
  }
  return rows
}

async function readCalls(path: string): Promise<number[]> {
  return (await readFile(path, 'utf8')).trim().split('\n').map(Number)
}
