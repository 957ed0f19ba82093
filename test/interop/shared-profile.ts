import { expect } from 'vitest'
import type { Answer } from './mixed-fleet.js'

/** What the input file says. */
export const OFFSET = 0.25

const WIRE = ['experiment_id', 'sort_index', 'workflow_run_id', 'root_workflow_run_id']
export const INDEX = [...WIRE, 'base', 'steps', 'limit', 'source', 'joined', 'fails']

/** What the experiment gives for a spec. */
export const levels = (n: number) => {
  const weights = [0.5, 2].slice(0, n % 3)
  return Array.from({ length: 2 + (n % 3) }, (_, i) => OFFSET + n / 2 + i * (weights[i % weights.length] ?? 1))
}
const total = (n: number) => levels(n).reduce((a, b) => a + b, 0)

/** Every spec once, in order, with the values of its own. */
export function expectRows(
  { id, bucket, uris, tables, reports, latest }: Answer,
  specs: readonly number[],
  nulls: boolean,
  sorted = true,
) {
  const place = `scythe/${id}/final/`
  expect(latest).toEqual(Object.fromEntries(Object.keys(uris).map((name) => [name, `${place}${name}.pq`])))
  expect(uris).toEqual(Object.fromEntries(Object.keys(uris).map((name) => [name, `s3://${bucket}/${place}${name}.pq`])))
  const order = (rows: Answer['tables'][string]['rows']) =>
    sorted ? rows : [...rows].sort((a, b) => Number(a.sort_index) - Number(b.sort_index))
  const { scalars, profile, peak, result_file_refs: files } = tables
  expect(scalars!.index).toEqual(INDEX)
  expect(files!.index).toEqual(INDEX)
  expect(peak!.index).toEqual(INDEX)
  expect(profile!.index).toEqual([...INDEX, 'sort_subindex'])
  const limit = (n: number) => (nulls && n % 2 === 1 ? null : n)
  const spec = (n: number) => ({
    experiment_id: id,
    sort_index: n,
    base: n / 2,
    steps: 2 + (n % 3),
    limit: limit(n),
  })
  expect(order(scalars!.rows)).toMatchObject(
    specs.map((n) => ({ ...spec(n), total: total(n), label: `${n}:${limit(n) ?? 'None'}` })),
  )
  expect(order(files!.rows)).toMatchObject(specs.map(spec))
  expect(order(peak!.rows)).toMatchObject(specs.map((n) => ({ ...spec(n), highest: Math.max(...levels(n)) })))
  expect(sorted ? reports : [...reports].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))).toEqual(
    specs.map((n) => `${n}: ${total(n).toFixed(2)}`),
  )
  expect(order(profile!.rows)).toMatchObject(
    specs.flatMap((n) => levels(n).map((level, i) => ({ ...spec(n), level, name: `level-${i}`, sort_subindex: i }))),
  )
}

/** Who ran specs: `ours`, `python`. */
export const by = ({ tables }: Answer) => new Set(tables.scalars!.rows.map((row) => row.by))
export const roots = ({ tables }: Answer) => new Set(tables.scalars!.rows.map((row) => row.root_workflow_run_id))
