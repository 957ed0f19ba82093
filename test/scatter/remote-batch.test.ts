import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ioSpec, jsonSchema } from '../../src/experiment/io-spec.js'
import { remoteExperiment } from '../../src/experiment/remote.js'
import { experimentTables } from '../../src/experiment/tables.js'
import { openStore } from '../../src/index.js'
import type { Allocation } from '../../src/scatter/allocation.js'
import { createRemoteBatches } from '../../src/scatter/remote/batch.js'
import type { RunFolder } from '../../src/scatter/run-folder.js'
import type { SingleTask, Task, TaskEnd, TaskHandle, TaskHost } from '../../src/scatter/task.js'
import { scopedStore } from '../../src/store/scoped-store.js'
import type { Store } from '../../src/store/store.js'
import { openTable } from '../../src/table/file.js'
import { readRows } from '../../src/table/rows.js'
import { readSlice } from '../../src/table/slice.js'
import { bytesSource } from '../../src/table/source.js'
import { encodeTable } from '../../src/table/writer.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'
import { endOfWork } from '../support/tasks.js'

const experiment = remoteExperiment({
  name: 'scythe_experiment_far',
  input: z.object({ n: z.int(), note: z.string().optional(), said: z.string().nullable().default(null) }),
  output: z.object({ twice: z.number(), at: z.date().optional() }),
  tables: { steps: z.object({ step: z.int(), word: z.string().optional() }) },
})
const { specs: specsSchema, results: tables } = experimentTables(experiment)
const RUN = 'far/v1.0.0/2026-11-21_12-45-10'

type Answer = (spec: SingleTask, key: string, folder: Store) => unknown

/** How the engine itself ends a task. */
class End {
  constructor(readonly status: 'lost' | 'expired' | 'cancelled' | 'requeued') {}
}

/** A batch of so many specs. Their tasks return or fail as `answer` does; if it returns an `End`, they end so. */
async function runBatch(count: number, answer: Answer, window = 4) {
  const folder = scopedStore(openStore(await temporaryFolder()), RUN)
  const source = bytesSource(
    encodeTable(
      specsSchema,
      Object.fromEntries(
        specsSchema.columns.map(({ name }) => [
          name,
          Array.from({ length: count }, (_, n) => ({ experiment_id: RUN, sort_index: n, n })[name] ?? null),
        ]),
      ),
      count,
    ),
  )
  const slice = readSlice(source, await openTable(source), 0)
  const allocation = {
    experiment_id: RUN,
    specs: count,
    batch: count,
    tables,
    remote: { io_spec: ioSpec(experiment), tables: { steps: jsonSchema(experiment.tables.steps!) } },
  } as unknown as Allocation
  const run: RunFolder = { folder, allocation, readSpecs: () => slice }
  const spawned: SingleTask[] = []
  let open = 0
  let most = 0
  const abort = new AbortController()
  const host: TaskHost = {
    id: 'fan',
    rootId: 'root',
    worker: 'here',
    signal: abort.signal,
    window,
    report() {},
    spawn(task, key): TaskHandle {
      spawned.push(task as SingleTask)
      most = Math.max(most, ++open)
      const id = `leaf-${task.start}`
      const done = endOfWork(() => answer(task as SingleTask, key, folder), id).then((end): TaskEnd => {
        open -= 1
        if (end.status !== 'returned' || !(end.value instanceof End)) return end
        return { id, status: end.value.status, error: new Error('it ended') }
      })
      return { done, started: async () => {}, cancel: async () => {} }
    },
  }
  const fan: Task = {
    kind: 'fan',
    store: 's3://bucket/studies',
    run: RUN,
    experiment: experiment.name,
    labels: {},
    start: 0,
    end: count,
    depth: 0,
  }
  const batches = createRemoteBatches(run, allocation.remote!, fan, host)
  const rowsOf = async (receipt: Awaited<ReturnType<typeof batches.run>>, table: string) => {
    const parts = receipt.tables[table] ?? []
    return (
      await Promise.all(parts.map(async ({ key }) => collect(readRows(bytesSource(await folder.get(key))))))
    ).flat()
  }
  return { batches, rowsOf, spawned, abort, folder, most: () => most, node: { start: 0, end: count, depth: 1 } }
}

const fine: Answer = ({ input }) => ({ twice: Number(input.n) * 2, dataframes: {} })
const failing = (code: string, message = 'it broke') => Object.assign(new Error(message), { code })

describe('a batch of specs that are separate tasks', () => {
  it('delivers each spec in the form of Python Scythe, and yields one receipt', async () => {
    const { batches, node, rowsOf, spawned, folder, most } = await runBatch(9, fine)
    const receipt = await batches.run(node)
    expect(receipt).toMatchObject({ start: 0, end: 9, results: 9, errors: 0, worker: 'here' })
    expect((await rowsOf(receipt, 'scalars')).map(({ twice }) => twice)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16])
    expect(spawned[3]).toMatchObject({ kind: 'single', start: 3, end: 4, depth: 1 })
    expect(spawned[3]!.input).toEqual({
      n: 3,
      said: null,
      experiment_id: RUN,
      sort_index: 3,
      workflow_run_id: null,
      root_workflow_run_id: 'root',
      storage_settings: { BUCKET: 'bucket', BUCKET_PREFIX: 'studies' },
    })
    expect(most()).toBe(4)
    expect(await collect(folder.list('receipts/'))).toHaveLength(1)
    expect(await collect(folder.list('parts/'))).toHaveLength(1)
  })

  it('accepts neither {} nor null nor an invalid output as success', async () => {
    const answers = [{}, null, undefined, 'fine', { twice: 1 }, { twice: 'two', dataframes: {} }, { dataframes: {} }]
    const { batches, node, rowsOf } = await runBatch(answers.length + 1, (spec, key, folder) => {
      return spec.start < answers.length ? answers[spec.start] : fine(spec, key, folder)
    })
    const receipt = await batches.run(node)
    expect(receipt).toMatchObject({ results: 1, errors: 7 })
    const errors = await rowsOf(receipt, 'errors')
    expect(errors.map(({ error_code }) => error_code)).toEqual(new Array(7).fill('OUTPUT_INVALID'))
    expect(errors[1]).toMatchObject({
      n: 1,
      workflow_run_id: 'leaf-1',
      error_message: expect.stringContaining('got null'),
    })
    expect(errors[5]!.error_message).toMatch(/twice: .*expected number.*got "two"/)
    expect(errors[6]!.error_message).toMatch(/twice: .*missing/)
  })

  it('has an error row for a spec whose task failed, and does not retry the spec', async () => {
    const { batches, node, rowsOf, spawned } = await runBatch(3, (spec, key, folder) => {
      if (spec.start === 0) throw failing('SPEC_FAILED', 'no such wall')
      if (spec.start === 1) throw failing('SPEC_TIMED_OUT', 'Task exceeded timeout of 60s')
      return fine(spec, key, folder)
    })
    const errors = await rowsOf(await batches.run(node), 'errors')
    expect(spawned).toHaveLength(3)
    expect(errors).toMatchObject([
      { n: 0, workflow_run_id: 'leaf-0', error_code: 'SPEC_FAILED', error_message: 'no such wall', error_attempts: 1 },
      { n: 1, error_code: 'SPEC_TIMED_OUT' },
    ])
  })

  it('respawns a lost spec at most three times, and a spec that never began as often as needed', async () => {
    const keys: string[] = []
    const { batches, node, rowsOf } = await runBatch(3, (spec, key, folder) => {
      keys.push(key)
      const tries = keys.filter((other) => other.startsWith(`${spec.start}#`)).length
      if (spec.start === 0 && tries < 3) return new End('cancelled')
      if (spec.start === 1) throw failing('TASK_DEADLY', 'the worker caught fire')
      if (spec.start === 2 && tries < 9) return new End(tries % 2 ? 'expired' : 'lost')
      return fine(spec, key, folder)
    })
    const receipt = await batches.run(node)
    expect(receipt).toMatchObject({ results: 2, errors: 1 })
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys.filter((key) => key.startsWith('1#'))).toEqual(['1#1', '1#2', '1#3'])
    expect(await rowsOf(receipt, 'errors')).toMatchObject([
      { n: 1, error_code: 'SPEC_LOST', error_attempts: 3, error_message: expect.stringContaining('caught fire') },
    ])
  })

  const codes = ['EXPERIMENT_NOT_LOADED', 'STORE_UNUSABLE', 'UNEXPECTED', 'SOMETHING_NEW']
  const ends: { end: string; answer: Answer }[] = [
    ...codes.map((code) => ({ end: code, answer: () => Promise.reject(failing(code)) })),
    { end: 'cancelled', answer: () => new End('cancelled') },
    { end: 'requeued', answer: () => new End('requeued') },
  ]
  it.each(ends)(
    'fails, without a receipt, if a task ends for a reason that is not its spec: $end',
    async ({ answer }) => {
      const { batches, node, folder } = await runBatch(3, answer)
      await expect(batches.run(node)).rejects.toMatchObject({ code: 'NODE_FAILED' })
      expect(await collect(folder.list('receipts/'))).toEqual([])
    },
  )

  it('spawns nothing more once its fan has ended or is stopped', async () => {
    for (const end of ['close', 'abort'] as const) {
      const it = await runBatch(50, (spec, key, folder) => {
        if (spec.start === 5) end === 'close' ? it.batches.close() : it.abort.abort(new Error('stopped'))
        return fine(spec, key, folder)
      })
      await expect(it.batches.run(it.node)).rejects.toThrow(/ended|stopped/)
      expect(it.spawned.length).toBeLessThan(12)
    }
  })

  it('joins data frames to their specs, whatever their index', async () => {
    const frame = (columns: Record<string, unknown[]>, index: string[] = []) => {
      const schema = {
        columns: Object.keys(columns).map((name) => ({
          name,
          type: { kind: typeof columns[name]![0] === 'string' ? 'string' : 'double' } as const,
        })),
        index,
      }
      return encodeTable(schema, columns, Object.values(columns)[0]!.length)
    }
    const frames = [
      frame({ step: [7, 8], word: ['a', 'b'] }),
      frame({ sort_index: [99], step: [9], other: [1] }, ['sort_index']),
      frame({ step: [Number.NaN] }),
      frame({ word: ['no step'] }),
      frame({ step: [1.5] }),
      Buffer.from('no table'),
    ]
    const { batches, node, rowsOf } = await runBatch(frames.length + 2, async (spec, _key, folder) => {
      const key = `results/task-dataframes/steps/${spec.start}.pq`
      const bytes = frames[spec.start]
      if (bytes) await folder.put(key, bytes)
      const uri = spec.start === frames.length ? 's3://elsewhere/steps.pq' : folder.uriOf(key)
      return { twice: 1, dataframes: { steps: uri, undeclared: 's3://anywhere/x.pq' } }
    })
    const receipt = await batches.run(node)
    expect(receipt).toMatchObject({ results: 3, errors: 5 })
    const place = { experiment_id: RUN, root_workflow_run_id: 'root', note: null, said: null }
    expect(await rowsOf(receipt, 'steps')).toEqual([
      { ...place, workflow_run_id: 'leaf-0', sort_index: 0, n: 0, sort_subindex: 0, step: 7, word: 'a' },
      { ...place, workflow_run_id: 'leaf-0', sort_index: 0, n: 0, sort_subindex: 1, step: 8, word: 'b' },
      { ...place, workflow_run_id: 'leaf-1', sort_index: 1, n: 1, sort_subindex: 0, step: 9, word: null },
      { ...place, workflow_run_id: 'leaf-2', sort_index: 2, n: 2, sort_subindex: 0, step: null, word: null },
    ])
    const messages = (await rowsOf(receipt, 'errors')).map(({ error_message }) => error_message)
    expect(messages[0]).toMatch(/steps\/3.pq has no column step; it has word/)
    expect(messages[1]).toMatch(/4.pq does not fit: .*step.*1.5/)
    expect(messages[2]).toMatch(/5.pq does not fit: .*cannot be read/)
    expect(messages[3]).toMatch(/elsewhere.* outside of the run/)
    expect(messages[4]).toMatch(/7.pq/)
  })

  it('keeps large tables of a spec as separate parts, in order', async () => {
    const rows = 20_000
    const { batches, node, rowsOf } = await runBatch(3, async (spec, key, folder) => {
      const there = `results/task-dataframes/steps/${spec.start}.pq`
      const count = spec.start === 1 ? rows : 2
      const schema = { columns: [{ name: 'step', type: { kind: 'int64' } as const }], index: [] }
      await folder.put(there, encodeTable(schema, { step: Array.from({ length: count }, (_, i) => i) }, count))
      return { ...(fine(spec, key, folder) as object), dataframes: { steps: folder.uriOf(there) } }
    })
    const receipt = await batches.run(node)
    expect(receipt.tables.steps!.map((part) => part.rows)).toEqual([2, rows, 2])
    expect((await rowsOf(receipt, 'steps')).map((row) => row.sort_index)).toEqual([
      0,
      0,
      ...new Array(rows).fill(1),
      2,
      2,
    ])
  })
})
