import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openRun, openStore, type Store } from '../../src/index.js'
import type { TableSchema } from '../../src/table/schema.js'
import { createTableWriter } from '../../src/table/writer.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'
import { copyObjects, GOLDEN, type GoldenName, goldenStore } from './golden.js'

async function copyOf(name: GoldenName): Promise<Store> {
  const store = openStore(await temporaryFolder())
  await copyObjects(goldenStore(), store, `${GOLDEN[name]}/`)
  return store
}

const INDEXED: TableSchema = {
  columns: [
    { name: 'value', type: { kind: 'double' } },
    { name: 'sort_index', type: { kind: 'int64' } },
  ],
  index: ['sort_index'],
}

function tableOf(sortIndexes: readonly number[]): Uint8Array {
  const writer = createTableWriter(INDEXED, { rowGroupSize: 500 })
  const data = { value: sortIndexes, sort_index: sortIndexes }
  return Buffer.concat([...writer.append(data, sortIndexes.length), ...writer.finish()])
}

describe('the status of a run of Python Scythe', () => {
  it('counts what its tasks wrote before there are final tables', async () => {
    const store = await copyOf('errors')
    const run = await openRun(store, GOLDEN.errors)
    await store.delete([`${run.id}/final/scalars.pq`])
    expect(await run.status()).toEqual({
      specs: 16,
      results: 15,
      errors: 0,
      open: 1,
      state: 'open',
      writtenBy: 'python',
    })
    await expect(run.results()).rejects.toMatchObject({ code: 'RUN_NOT_DONE' })
    await expect(collect(run.rows('scalars'))).rejects.toMatchObject({ code: 'RUN_NOT_DONE' })
  })

  it('is told by the tables there are where the output has no scalars', async () => {
    const store = await copyOf('profile')
    const run = await openRun(store, GOLDEN.profile)
    await store.delete([`${run.id}/final/scalars.pq`])
    expect(await run.status()).toMatchObject({ specs: 6, results: 6, open: 0, state: 'done' })
    await store.put(`${run.id}/final/result_file_refs.pq`, tableOf([0, 0, 1, 4]))
    expect(await run.status()).toMatchObject({ results: 3, open: 3, state: 'open', missing: [2, 3, 5] })
    // The user's table alone says nothing of specs.
    await store.delete([`${run.id}/final/result_file_refs.pq`])
    expect(await run.status()).toMatchObject({ specs: 6, results: 0, open: 6, state: 'open' })
  })

  it('names every spec that has no row, whatever the order of rows is and whoever wrote an error for it', async () => {
    const specs = [...Array(16).keys()]
    const store = await copyOf('errors')
    const run = await openRun(store, GOLDEN.errors)
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(specs), fc.infiniteStream(fc.boolean()), async (accounted, coins) => {
        const failed = new Set(accounted.filter(() => coins.next().value))
        const results = accounted.filter((index) => !failed.has(index))
        await store.put(`${run.id}/final/scalars.pq`, tableOf(results))
        await store.put(`${run.id}/final/errors.pq`, tableOf([...failed]))
        const missing = specs.filter((index) => !accounted.includes(index))
        expect(await run.status()).toEqual({
          specs: 16,
          results: results.length,
          errors: failed.size,
          open: missing.length,
          ...(missing.length > 0 ? { state: 'open', missing } : { state: 'done' }),
          writtenBy: 'python',
        })
      }),
      { numRuns: 50 },
    )
  })

  it('names the first thousand where more are missing', async () => {
    const store = await copyOf('errors')
    const run = await openRun(store, GOLDEN.errors)
    const specs = [...Array(1500).keys()]
    await store.put(`${run.id}/specs.pq`, tableOf(specs))
    await store.put(`${run.id}/final/scalars.pq`, tableOf(specs.slice(1000, 1499)))
    const { missing, open } = await run.status()
    expect(open).toBe(1001)
    expect(missing).toEqual(specs.slice(0, 1000))
  })
})
