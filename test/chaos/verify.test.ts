import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { EXPERIMENT, endedWell, startClient } from '../../tools/chaos/client.js'
import { folderPlace, look, type Place } from '../../tools/chaos/place.js'
import { specsFile } from '../../tools/chaos/reference.js'
import { readTables, type Tables } from '../../tools/chaos/tables.js'
import { verify } from '../../tools/chaos/verify.js'

const KINDS = ['plain', 'text', 'table', 'file', 'throws', 'json']
const SPECS = KINDS.map((kind, n) => ({ n, kind, ms: 0 }))

/** A run that nothing befell, and its tables. The last test changes it. */
let folder: string
let place: Place
let run: string
let tables: Tables

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scythe-test-'))
  place = folderPlace(folder, false)
  mkdirSync(join(folder, 'tmp'))
  const client = startClient({
    args: [
      ...['run', EXPERIMENT, '--experiment', 'chaos_once', '--specs', specsFile(folder, SPECS)],
      ...['--store', place.address, '--batch', '2', '--json'],
    ],
    env: { SCYTHE_ENGINE: 'local' },
    mark: 'test',
    temporary: join(folder, 'tmp'),
    cwd: folder,
    log: join(folder, 'log'),
  })
  await client.gone
  expect(endedWell(client), client.lastWords()).toBe(true)
  run = look(place).run!
  tables = await readTables(place.address, run)
  return () => rmSync(folder, { recursive: true, force: true })
})

describe('what chaos says of a run', () => {
  it('is nothing where it is as the undisturbed one', async () => {
    expect(Object.values(tables).map(({ length }) => length)).toEqual([5, 1, 5, 2])
    expect(await verify(place, run, SPECS.length, tables)).toEqual({
      lost: 0,
      doubled: 0,
      different: 0,
      unnamed: [],
      examples: [],
    })
  })

  it('names specs without a row, and rows that the undisturbed one has otherwise or has not', async () => {
    const changed = tables.scalars!.map((row) =>
      row.sortIndex === 1 ? { ...row, text: row.text.replace('spec', 'Spec').replace('✓', '✗') } : row,
    )
    const pieces = tables.pieces!.slice(1)
    const verdict = await verify(place, run, SPECS.length + 2, { ...tables, scalars: changed, pieces })
    expect(verdict).toMatchObject({ lost: 2, doubled: 0, different: 2, unnamed: [] })
    expect(verdict.examples[0]).toBe('lost: 6, 7')
  })

  it('counts specs that have a result and an error, and finds objects that no receipt names', async () => {
    const objects = join(place.folder, run)
    const receipt = JSON.parse(readFileSync(join(objects, 'receipt.json'), 'utf8'))
    copyFileSync(join(objects, 'final/scalars.pq'), join(objects, 'final/errors.pq'))
    const errors = { ...receipt.tables.scalars, key: 'final/errors.pq' }
    writeFileSync(
      join(objects, 'receipt.json'),
      JSON.stringify({ ...receipt, crc32: undefined, tables: { ...receipt.tables, errors } }),
    )
    const parts = join(objects, 'parts/000000000000-000000000002-other')
    mkdirSync(parts)
    writeFileSync(join(parts, 'scalars-0.pq'), '')
    const verdict = await verify(place, run, SPECS.length, tables)
    expect(verdict).toMatchObject({ lost: 1, doubled: 5, different: 6 })
    expect(verdict.unnamed).toEqual(['parts/000000000000-000000000002-other/scalars-0.pq'])
  })
})
