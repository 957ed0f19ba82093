import type { SpecError } from '../execute/spec-error.js'
import { decodeSlice } from '../table/slice.js'
import type { Allocation } from './allocation.js'
import { NOT_THE_SPECS, NodeFailedError } from './errors.js'
import type { Node, Range } from './plan.js'
import { createLimiter, mapConcurrently } from './promises.js'
import { newAttempt, type Part, type Receipt, writeReceipt } from './receipt.js'
import { remoteInput, storageSettingsOf } from './remote-input.js'
import { outputReader } from './remote-output.js'
import { errorTables, joinTables, resultTables, type SpecTables } from './remote-rows.js'
import type { RunFolder } from './run-folder.js'
import type { SpecOutcome, Task, TaskHost } from './task.js'

/** Batches of specs that are tasks of their own: the fan runs them itself, and writes their receipts. */
export interface RemoteBatches {
  run(batch: Node): Promise<Receipt>
  /** Spawns no more. */
  close(): void
}

type Row = Readonly<Record<string, unknown>>

/** How often a spec is spawned whose task ended without a word. One that waited too long never began, and does not count. */
const TRIES = 3
/** Bytes of JSON: engines refuse messages of 4 MiB. */
const LARGEST_INPUT = 3_000_000
/** What a spec brings for a table is kept until its batch is done, unless it is this large, in bytes. */
const LARGE = 256 * 1024

export function createRemoteBatches(
  run: RunFolder,
  remote: NonNullable<Allocation['remote']>,
  fan: Task,
  host: TaskHost,
): RemoteBatches {
  const { folder, allocation } = run
  const experimentId = allocation.experiment_id
  const readOutput = outputReader(remote.io_spec)
  const specTurn = createLimiter(host.window)
  // One more than fill the window, so that the last specs of a batch keep no others waiting.
  const batchTurn = createLimiter(1 + Math.ceil(host.window / Math.max(1, allocation.batch ?? 1)))
  let closed = false

  function makeInput(): (row: Row) => Record<string, unknown> {
    const storage = storageSettingsOf({ uri: fan.store })
    if (!storage) throw new Error(`${fan.store} is no S3 store with a prefix.`)
    return remoteInput(remote.io_spec, { experimentId, storage, host })
  }
  const inputOf = makeInput()

  function checkOpen() {
    host.signal.throwIfAborted()
    if (closed) throw new Error('The fan has ended.')
  }

  /** Spawns a spec until there is an outcome. */
  async function outcomeOf(
    row: number,
    node: Node,
    input: Record<string, unknown>,
  ): Promise<SpecOutcome & { tries: number }> {
    let cause: unknown
    for (let spawned = 1, lost = 0; lost < TRIES; spawned++) {
      checkOpen()
      const task = { ...fan, kind: 'single', start: row, end: row + 1, depth: node.depth, input } as const
      try {
        return { ...((await host.spawn(task, `${row}#${spawned}`).done) as SpecOutcome), tries: lost + 1 }
      } catch (error) {
        cause = error
        if ((error as { code?: unknown }).code !== 'TASK_EXPIRED') lost += 1
      }
    }
    checkOpen()
    const message = `The spec ended ${TRIES} times without an output: ${cause instanceof Error ? cause.message : cause}`
    return {
      id: host.id,
      failure: Object.assign(new Error(message), { name: 'SPEC_LOST', code: 'SPEC_LOST' }),
      tries: TRIES,
    }
  }

  async function runSpec(spec: Row, row: number, node: Node): Promise<SpecTables> {
    const place = { ...spec, experiment_id: experimentId, root_workflow_run_id: host.rootId }
    const refuse = (id: string, error: Partial<SpecError>) =>
      errorTables(allocation, { ...place, workflow_run_id: id }, error)
    const input = inputOf(spec)
    const bytes = Buffer.byteLength(JSON.stringify(input))
    if (bytes > LARGEST_INPUT) {
      const message = `Expected an input of at most ${LARGEST_INPUT} bytes of JSON, got ${bytes}. Give what is large as a file.`
      return refuse(host.id, { code: 'INPUT_TOO_LARGE', name: 'INPUT_TOO_LARGE', message, attempts: 0 })
    }
    const outcome = await outcomeOf(row, node, input)
    const { id, tries: attempts } = outcome
    if ('failure' in outcome) {
      const { failure } = outcome
      if (NOT_THE_SPECS.has(failure.code)) throw new NodeFailedError(fan.run, row, row + 1, { cause: failure })
      return refuse(id, { ...describe(failure), attempts })
    }
    try {
      return await resultTables(folder, allocation, { ...place, workflow_run_id: id }, readOutput(outcome.output))
    } catch (error) {
      const { code, name, message } = error as Error & { code?: string }
      if (code !== 'OUTPUT_INVALID') throw error
      return refuse(id, { code, name, message, attempts })
    }
  }

  async function runBatch(node: Node): Promise<Receipt> {
    const { start, end } = node
    checkOpen()
    const attempt = newAttempt(node)
    const specs = await readRows(run, node)
    const outcomes = await mapConcurrently(specs, host.window, (spec) =>
      specTurn(async () => {
        const row = Number(spec.sort_index)
        return store(await runSpec(spec, row, node), attempt, row)
      }),
    )
    const tables: Record<string, Part[]> = {}
    for (const table of Object.keys(allocation.tables)) {
      const parts = await joinStored(
        table,
        attempt,
        outcomes.flatMap((tables) => tables[table] ?? []),
      )
      if (parts.length > 0) tables[table] = parts
    }
    const errors = outcomes.filter((tables) => 'errors' in tables).length
    return writeReceipt(folder, {
      format: 1,
      start,
      end,
      attempt,
      worker: host.worker,
      results: end - start - errors,
      errors,
      // Only those who serve them know how long they took.
      seconds: 0,
      tables,
    })
  }

  type Stored = Readonly<Record<string, Part | { readonly bytes: Uint8Array; readonly rows: number }>>

  async function store(tables: SpecTables, attempt: string, row: number): Promise<Stored> {
    const stored: Record<string, Stored[string]> = {}
    for (const [table, { bytes, rows }] of Object.entries(tables)) {
      stored[table] = bytes.length < LARGE ? { bytes, rows } : await put(`${attempt}/${table}-spec-${row}`, bytes, rows)
    }
    return stored
  }

  /** Lays neighbours that are not stored yet together as one part. */
  async function joinStored(table: string, attempt: string, items: readonly Stored[string][]): Promise<Part[]> {
    const parts: Part[] = []
    let open: { bytes: Uint8Array; rows: number }[] = []
    const flush = async () => {
      if (open.length === 0) return
      const bytes = await joinTables(
        allocation.tables[table]!,
        open.map((item) => item.bytes),
      )
      const rows = open.reduce((sum, item) => sum + item.rows, 0)
      open = []
      parts.push(await put(`${attempt}/${table}-${parts.length}`, bytes, rows))
    }
    for (const item of items) {
      if ('key' in item) {
        await flush()
        parts.push(item)
      } else open.push(item)
    }
    await flush()
    return parts
  }

  async function put(name: string, bytes: Uint8Array, rows: number): Promise<Part> {
    const key = `parts/${name}.pq`
    await folder.put(key, bytes)
    return { key, rows, bytes: bytes.length }
  }

  return {
    run: (batch) => batchTurn(() => runBatch(batch)),
    close() {
      closed = true
    },
  }
}

/** Rows of `specs.pq`, as objects. */
async function readRows({ readSpecs }: RunFolder, { start, end }: Range): Promise<Row[]> {
  const rows: Row[] = []
  while (start + rows.length < end) {
    const slice = await readSpecs(start + rows.length)
    const columns = Object.entries(await decodeSlice(slice))
    const first = start + rows.length - slice.firstRow
    const last = Math.min(end - slice.firstRow, slice.rows)
    for (let i = first; i < last; i++) rows.push(Object.fromEntries(columns.map(([name, values]) => [name, values[i]])))
  }
  return rows
}

const TOO_LONG = /^Task exceeded timeout/

/** A failure as others report it. Only a Scythe worker of ours gives a code of its own. */
function describe({ code, name, message, stack }: Error & { readonly code: string }): Partial<SpecError> {
  if (code !== 'TASK_FAILED') return { code, name: name === 'Error' ? code : name, message, stack: stack ?? null }
  if (TOO_LONG.test(message)) return { code: 'SPEC_TIMED_OUT', name: 'SPEC_TIMED_OUT', message, stack: null }
  return { code: 'SPEC_FAILED', name, message, stack: stack ?? null }
}
