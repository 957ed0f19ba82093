import { createHash } from 'node:crypto'
import { openRun, openStore, type Store } from '../../src/index.js'

/** A run's final tables: of each the rows in order, without what two runs may differ in. */
export type Tables = Readonly<Record<string, readonly Row[]>>

export interface Row {
  readonly sortIndex: number
  /** `sort_index`, and the row's place among those of its spec. */
  readonly key: string
  /** All that the run has to say about it. */
  readonly text: string
}

/** Ids, workers, times, and what an error has beside its code, name and message. */
const FREE = new Set([
  'experiment_id',
  'workflow_run_id',
  'root_workflow_run_id',
  'error_worker',
  'error_seconds',
  'error_stack',
  'error_attempts',
])
const FILES = 'result_file_refs'
/** How much memory a process had when it was ended is of the moment. */
const MEASURED = /\d+\.\d+ GB/g
/** What takes ever more memory ends by one limit or the other, whichever a busy machine meets first. */
const LIMITS = new Set<unknown>(['SPEC_OUT_OF_MEMORY', 'SPEC_TIMED_OUT'])
export const LIMIT = 'A_LIMIT'

export async function readTables(address: string, runId: string): Promise<Tables> {
  const store = openStore(address)
  try {
    const run = await openRun(store, runId)
    const tables: Record<string, Row[]> = {}
    for (const name of Object.keys(await run.results())) {
      const rows: Row[] = []
      for await (const row of run.rows(name)) rows.push(await readRow(store, row, name))
      tables[name] = rows
    }
    return tables
  } finally {
    await store.close()
  }
}

async function readRow(store: Store, row: Record<string, unknown>, table: string): Promise<Row> {
  const kept: Record<string, unknown> = {}
  for (const name of Object.keys(row).sort()) if (!FREE.has(name)) kept[name] = row[name]
  if (table === FILES) kept.report = await contentOf(store, kept.report)
  if (typeof kept.error_message === 'string') kept.error_message = kept.error_message.replace(MEASURED, '# GB')
  if (kept.kind === 'greedy' && LIMITS.has(kept.error_code)) {
    for (const name of ['error_code', 'error_name', 'error_message']) kept[name] = LIMIT
  }
  const sortIndex = Number(row.sort_index)
  return {
    sortIndex,
    key: `${sortIndex}/${row.sort_subindex ?? ''}`,
    text: JSON.stringify(kept, (_, value) => (typeof value === 'bigint' ? Number(value) : value)),
  }
}

/** A file is the same where its name and its bytes are. */
async function contentOf(store: Store, address: unknown): Promise<string | null> {
  if (address === null || address === undefined) return null
  const key = store.keyOf(String(address))
  if (key === undefined) return `not in the store: ${address}`
  const bytes = await store.get(key).catch((error: Error) => `unreadable: ${error.message}`)
  return `${key.slice(key.lastIndexOf('/') + 1)} ${createHash('sha256').update(bytes).digest('hex')}`
}
