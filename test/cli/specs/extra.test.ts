import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeTable } from '../../../src/table/writer.js'
import { temporaryFolder } from '../../support/folders.js'
import { fixture, scythe } from '../scythe.js'

const GROWTH = fixture('growth.ts')
const NULLISH = fixture('nullish.ts')
const PARTS = fixture('nullish-parts.ts')

async function runOf(
  module: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  more: readonly string[] = [],
) {
  const folder = await temporaryFolder()
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  const specs = Object.keys(files).flatMap((name) => ['--specs', name])
  const ran = await scythe(folder, ['run', module, ...specs, '--slots', '1', ...more])
  return { ...ran, folder }
}

async function rowsOf(folder: string, table = 'scalars'): Promise<Record<string, unknown>[]> {
  const { runs } = JSON.parse((await scythe(folder, ['list', '--json'])).stdout)
  const { stdout } = await scythe(folder, ['results', runs[0].run, '--table', table, '--format', 'jsonl'])
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('scythe run --extra keep', () => {
  it('copies columns that the input does not name to every table of results, as numbers or texts', async () => {
    const csv = 'n,fate,note,weight,post\n1,fine,first,1.5,01067\n2,wither,,NA,01069\n3,,"NA",7,\n'
    const { code, folder, stderr } = await runOf(GROWTH, { 'a.csv': csv }, ['--extra', 'keep'])
    expect(stderr).not.toContain('Unknown field')
    expect(code).toBe(3)
    expect(await rowsOf(folder)).toMatchObject([
      { n: 1, height: 1, note: 'first', weight: 1.5, post: '01067' },
      { n: 3, height: 3, note: 'NA', weight: 7, post: null },
    ])
    expect(await rowsOf(folder, 'errors')).toMatchObject([{ n: 2, note: null, weight: null, post: '01069' }])
    expect((await rowsOf(folder, 'days'))[0]).toMatchObject({ day: 1, note: 'first', weight: 1.5 })
  })

  it('copies such columns from JSON, from Parquet, and from files with differing columns', async () => {
    const types = { n: 'int64', id: 'int64', wall: 'json', at: 'timestamp' } as const
    const columns = Object.entries(types).map(([name, kind]) => ({ name, type: { kind } }))
    const data = { n: [2], id: [5], wall: [{ layers: [1, 2] }], at: [new Date(0)] }
    const { code, folder } = await runOf(
      GROWTH,
      { 'a.jsonl': '{"n":1,"id":4,"ok":true}\n', 'b.parquet': encodeTable({ columns, index: [] }, data, 1) },
      ['--extra', 'keep'],
    )
    expect(code).toBe(0)
    expect(await rowsOf(folder)).toMatchObject([
      { n: 1, id: 4, ok: 'true', wall: null, at: null },
      { n: 2, id: 5, ok: null, wall: '{"layers":[1,2]}', at: '1970-01-01T00:00:00.000Z' },
    ])
  })

  it.each([
    ['has the name of an output field', 'n,height\n1,2\n', 'field height: ', 'is called so: rename it'],
    [
      'has numbers first and a text later',
      `n,w\n${'1,2\n'.repeat(10_000)}1,heavy\n`,
      'line 10002',
      'Expected a number',
    ],
    ['first appears in a later row', '', 'line 10002', 'rows before do not have'],
  ])('rejects a column that %s', async (_, csv, where, what) => {
    const late = `${'{"n":1}\n'.repeat(10_001)}{"n":1,"w":2}\n`
    const files: Record<string, string> = csv ? { 'a.csv': csv } : { 'a.jsonl': late }
    const { code, stderr, folder } = await runOf(GROWTH, files, ['--extra', 'keep'])
    expect(code).toBe(2)
    expect(stderr).toContain(where)
    expect(stderr).toContain(what)
    expect(await readdir(folder)).not.toContain('final')
  })
})

describe('a field that may be absent or null', () => {
  it('is absent if the file had no such field, and null if the file had null', async () => {
    const jsonl = '{"n":1}\n{"n":2,"shade":null}\n{"n":3,"shade":0.5,"place":null}\n'
    const { code, folder } = await runOf(NULLISH, { 'a.jsonl': jsonl, 'b.csv': 'n,shade\n4,\n5,2\n' })
    expect(code).toBe(0)
    expect((await rowsOf(folder)).map(({ saw }) => JSON.parse(saw as string))).toEqual([
      { n: 1 },
      { n: 2, shade: null },
      { n: 3, shade: 0.5, place: null },
      { n: 4, shade: null },
      { n: 5, shade: 2 },
    ])
  })

  describe('within objects and lists', () => {
    const SPECS: readonly Record<string, unknown>[] = [
      { n: 1, wall: {}, layers: [] },
      { n: 2, wall: { shade: null, inner: { name: 'a' } } },
      { n: 3, wall: null, layers: [{ name: 'a' }, { name: 'b', depth: null }, { name: 'c', depth: 0.5 }] },
      { n: 4, wall: { shade: 1, inner: { name: 'b', depth: null } }, layers: [{ name: 'a' }, { name: 'b' }] },
      { n: 5, notes: { a: null, b: 1 } },
    ]
    const sawOf = async (folder: string) => (await rowsOf(folder)).map(({ saw }) => JSON.parse(saw as string))
    const quoted = (value: unknown) => `"${JSON.stringify(value).replaceAll('"', '""')}"`

    it('stays absent in JSON lines, and null stays null', async () => {
      const jsonl = SPECS.map((spec) => `${JSON.stringify(spec)}\n`).join('')
      const { code, stderr, folder } = await runOf(PARTS, { 'a.jsonl': jsonl })
      expect([code, stderr]).toEqual([0, expect.any(String)])
      expect(await sawOf(folder)).toEqual(SPECS)
    })

    it('stays absent or null in CSV cells that are JSON', async () => {
      const rows = SPECS.map((spec) => ['wall', 'layers'].map((name) => (spec[name] ? quoted(spec[name]) : '')))
      const csv = `n,wall,layers\n${rows.map((cells, i) => `${i + 1},${cells.join(',')}\n`).join('')}`
      const { code, folder } = await runOf(PARTS, { 'a.csv': csv })
      expect(code).toBe(0)
      const specs = SPECS.map(({ notes: _, ...spec }) => ({ wall: null, ...spec }))
      expect(await sawOf(folder)).toEqual(specs)
    })

    it('stays absent or null in Parquet texts that are JSON, and in the specs of another run', async () => {
      const columns = [
        { name: 'n', type: { kind: 'int64' } },
        { name: 'wall', type: { kind: 'string' } },
        { name: 'layers', type: { kind: 'string' } },
      ] as const
      const text = (name: string) => SPECS.map((spec) => (spec[name] ? JSON.stringify(spec[name]) : null))
      const data = { n: SPECS.map(({ n }) => n), wall: text('wall'), layers: text('layers') }
      const { code, folder } = await runOf(PARTS, { 'a.pq': encodeTable({ columns, index: [] }, data, SPECS.length) })
      expect(code).toBe(0)
      const specs = SPECS.map(({ notes: _, ...spec }) => ({ wall: null, ...spec }))
      expect(await sawOf(folder)).toEqual(specs)

      const { runs } = JSON.parse((await scythe(folder, ['list', '--json'])).stdout)
      const again = await runOf(PARTS, { 'b.pq': await readFile(join(folder, '.scythe', runs[0].run, 'specs.pq')) })
      expect(again.code).toBe(0)
      expect(await sawOf(again.folder)).toEqual(specs)
    })
  })
})
