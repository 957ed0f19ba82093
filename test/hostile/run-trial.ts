/** What a trial's own process runs: a run of hostile specs, and all that came of it as JSON in a file. */
import { writeFileSync } from 'node:fs'
import { BaseExperiment, localEngine, type Run } from 'scythe-engine'
import { hostile } from './experiments.js'

export interface TrialOrder {
  readonly specs: readonly { readonly n: number; readonly deed: string }[]
  readonly batch: number
  readonly slots: number
  readonly store: string
  readonly out: string
}

export interface TrialRow {
  readonly sortIndex: number
  readonly deed: string
  /** Of a result. */
  readonly values: readonly unknown[]
  /** Of an error. */
  readonly code: string | undefined
  readonly message: string | undefined
}

const { specs, batch, slots, store, out }: TrialOrder = JSON.parse(process.argv[2]!)
const engine = await localEngine({ slots })
const { run, ref } = await new BaseExperiment({ runnable: hostile, store }).allocate(specs, { engine, batch })
await ref.result()
const rows = [...(await rowsOf(run, 'scalars')), ...(await rowsOf(run, 'errors'))]
const levels: unknown[] = []
if ((await run.results()).levels)
  for await (const { sort_index, level } of run.rows('levels')) levels.push([sort_index, level])
writeFileSync(out, JSON.stringify({ rows, levels }))
await engine.close()

async function rowsOf(run: Run, table: string): Promise<TrialRow[]> {
  const rows: TrialRow[] = []
  if (!(await run.results())[table]) return rows
  for await (const row of run.rows(table)) {
    const { number, check, any, int, list, when } = row
    rows.push({
      sortIndex: Number(row.sort_index),
      deed: String(row.deed),
      values: [number, check, any, int, list, when].map((value) => (typeof value === 'bigint' ? Number(value) : value)),
      code: row.error_code as string | undefined,
      message: (row.error_message as string | undefined)?.slice(0, 300),
    })
  }
  return rows
}
