import { execFileSync, spawn } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { tableFromIPC } from '@uwdata/flechette'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { arrowFile } from '../../src/cli/arrow.js'
import { disarm, rearm } from '../../src/cli/csv-text.js'
import { openSpecs } from '../../src/cli/specs/open.js'
import { compileExperiment } from '../../src/experiment/compile.js'
import type { Column } from '../../src/table/schema.js'
import { collect } from '../support/collect.js'
import { fixture, scythe } from './scythe.js'

describe('exported results', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
    writeFileSync(join(folder, 'specs.jsonl'), `{"n":1,"name":"=HYPERLINK(1)"}\n{"n":2,"name":"plain"}`)
    expect((await scythe(folder, ['run', fixture('loud.ts'), '--specs', 'specs.jsonl'])).code).toBe(0)
  })
  afterAll(() => rm(folder, { recursive: true }))

  const results = (...args: string[]) => scythe(folder, ['results', 'latest', ...args])

  it('have the format that the file extension names, and no other file is written', async () => {
    const { experiment_id } = JSON.parse((await results('--format', 'jsonl')).stdout.split('\n')[0]!)
    for (const name of ['x.csv', 'x.jsonl', 'x.parquet', 'x.arrow']) expect((await results('-o', name)).code).toBe(0)
    const stored = readFileSync(join(folder, '.scythe', experiment_id, 'final/scalars.pq'))
    expect(readFileSync(join(folder, 'x.parquet')).equals(stored)).toBe(true)
    const arrow = tableFromIPC(readFileSync(join(folder, 'x.arrow'))).toColumns()
    expect([...arrow.name!]).toEqual(['=HYPERLINK(1)', 'plain'])
    expect((await scythe(folder, ['errors', 'latest', '-o', 'none.parquet'])).code).toBe(0)
    for (const args of [
      ['-o', 'x.xlsx'],
      ['-o', 'x'],
      ['-o', 'x.csv', '--format', 'jsonl'],
      ['--format', 'arrow'],
      ['-o', '.'],
      ['-o', 'y.jsonl', '--raw'],
    ]) {
      const { code, stderr } = await results(...args)
      expect({ args, code }).toEqual({ args, code: 2 })
      expect(stderr).toMatch(/^scythe: /)
    }
    const left = ['.scythe', 'none.parquet', 'specs.jsonl', 'x.arrow', 'x.csv', 'x.jsonl', 'x.parquet']
    expect(readdirSync(folder).sort()).toEqual(left)
  })

  it('have no formulas in CSV except with --raw, and read back as specs', async () => {
    const { stdout } = await results()
    const [row] = parse(stdout, { columns: true }) as Record<string, string>[]
    expect(row).toMatchObject({ name: "'=HYPERLINK(1)", formula: "'=1+1" })
    expect((parse((await results('--raw')).stdout, { columns: true }) as object[])[0]).toMatchObject({
      formula: '=1+1',
    })
    writeFileSync(join(folder, 'again.csv'), stdout)
    const input = z.looseObject({ n: z.int(), name: z.string() })
    const experiment = compileExperiment({ input, output: z.object({}) }, function every() {}, 'file:///every.js')
    const [again] = await collect(await openSpecs([join(folder, 'again.csv')], experiment))
    expect(again).toMatchObject({ n: 1, name: '=HYPERLINK(1)' })
    await rm(join(folder, 'again.csv'))
  })

  it('are written to a device, to a pipe and through a link, and replace none of them', async () => {
    symlinkSync('target.csv', join(folder, 'link.csv'))
    writeFileSync(join(folder, 'target.csv'), 'longer than what comes is not kept'.repeat(100))
    expect((await results('-o', 'link.csv')).code).toBe(0)
    expect(readlinkSync(join(folder, 'link.csv'))).toBe('target.csv')
    expect(readFileSync(join(folder, 'target.csv'), 'utf8')).toBe((await results()).stdout)
    execFileSync('mkfifo', [join(folder, 'pipe.csv')])
    const reader = spawn('cat', [join(folder, 'pipe.csv')])
    const [piped] = await Promise.all([text(reader.stdout), results('-o', 'pipe.csv')])
    expect(piped).toBe((await results()).stdout)
    expect(lstatSync(join(folder, 'pipe.csv')).isFIFO()).toBe(true)
    expect((await results('-o', '/dev/null', '--format', 'csv')).code).toBe(0)
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true)
  })
})

it('any text is restored after it was disarmed for CSV, and no disarmed text is a formula', () => {
  const letters = fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', '1', '.', 'e', 'a')
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: 6 }), (word) => {
      expect(rearm(disarm(word))).toBe(word)
      expect(disarm(word)).not.toMatch(/^(?![+-](?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$)[=+\-@\t\r]/)
    }),
  )
})

it('an Arrow file has every kind of column, with nulls', async () => {
  const columns: Column[] = [
    { name: 'int', type: { kind: 'int64' } },
    { name: 'big', type: { kind: 'int64', bigint: true } },
    { name: 'double', type: { kind: 'double' } },
    { name: 'text', type: { kind: 'string' } },
    { name: 'mixed', type: { kind: 'string', mixed: true } },
    { name: 'flag', type: { kind: 'boolean' } },
    { name: 'day', type: { kind: 'date' } },
    { name: 'time', type: { kind: 'timestamp' } },
    { name: 'json', type: { kind: 'json' } },
    { name: 'list', type: { kind: 'list', item: { kind: 'int64' } } },
    { name: 'struct', type: { kind: 'struct', fields: [{ name: 'constructor', type: { kind: 'string' } }] } },
  ]
  const row = {
    int: 2 ** 53 - 1,
    big: 2n ** 63n - 1n,
    double: -0.5,
    text: 'größe',
    mixed: 7,
    flag: true,
    day: '2026-11-30',
    time: new Date(1),
    json: { a: [1, null] },
    list: [1, null, 3],
    struct: { constructor: 'x' },
  }
  const nulls = Object.fromEntries(columns.map(({ name }) => [name, null]))
  async function* rows() {
    yield row
    yield nulls
  }
  const table = tableFromIPC(await arrowFile(rows(), columns), { useBigInt: true, useDate: true })
  const [read, empty] = table.toArray() as Record<string, unknown>[]
  expect(empty).toEqual(nulls)
  expect(read).toEqual({
    ...row,
    int: 2n ** 53n - 1n,
    mixed: '7',
    day: new Date('2026-11-30'),
    json: '{"a":[1,null]}',
    list: expect.anything(),
  })
  expect([...(read!.list as Iterable<unknown>)]).toEqual([1n, null, 3n])
  async function* none() {}
  expect(tableFromIPC(await arrowFile(none(), columns)).numRows).toBe(0)
})
