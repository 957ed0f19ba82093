import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deferred, rejectOnAbort } from '../../src/async/promises.js'
import type { Executor } from '../../src/execute/executor.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { temporaryFolder } from '../support/folders.js'
import { misbehaving } from './fixtures/misbehaving.js'
import { noop } from './fixtures/numbers.js'
import { recordsRuns } from './fixtures/records-runs.js'
import { sleeps } from './fixtures/sleeps.js'
import { testRun } from './support.js'

const numbers = ExperimentRegistry.get(noop)
const waiting = ExperimentRegistry.get(sleeps)
const specs = Array.from({ length: 50 }, (_, i) => ({ a: i / 8, b: i, name: `spec ${i}` }))

/** What every executor must do, whatever runs its batches. `open` returns one with a single slot. */
export function executorConformance(name: string, open: () => Executor) {
  describe(`${name} executor`, () => {
    let executor: Executor
    beforeAll(() => {
      executor = open()
    })
    afterAll(() => executor.close())

    /** Expects that the executor still runs batches. */
    async function expectUsable(): Promise<void> {
      const run = testRun(numbers, specs)
      expect(await executor.run(run.batch, run.host)).toMatchObject({ results: 50, errors: 0 })
      expect(await executor.problems()).toEqual([])
    }

    it('returns a row for every spec of a batch, in order', async () => {
      const run = testRun(numbers, specs)
      const result = await executor.run({ ...run.batch, start: 10, end: 40 }, run.host)
      expect(result).toEqual({ results: 30, errors: 0, seconds: expect.any(Number) })
      const rows = await run.table('scalars')
      expect(rows.map(({ sort_index, twice }) => [sort_index, twice])).toEqual(
        specs.slice(10, 40).map(({ b }) => [b, 2 * b]),
      )
      expect(run.rows[0]!.start).toBe(10)
      expect(run.rows.at(-1)!.end).toBe(40)
    })

    it.each(['be killed', 'exit', 'throw'])('writes an error row for a spec that does this: %s', async (action) => {
      const run = testRun(ExperimentRegistry.get(misbehaving), [
        { action: 'nothing' },
        { action },
        { action: 'nothing' },
      ])
      expect(await executor.run(run.batch, run.host)).toMatchObject({ results: 2, errors: 1 })
      expect(await run.table('errors')).toMatchObject([{ sort_index: 1, error_code: expect.stringMatching(/^SPEC_/) }])
      expect((await run.table('scalars')).map(({ sort_index }) => sort_index)).toEqual([0, 2])
    })

    it('does not run specs again if their rows arrived before their process ended', async () => {
      const folder = await temporaryFolder()
      const [log, exitAt] = [join(folder, 'log'), join(folder, 'exit')]
      const run = testRun(ExperimentRegistry.get(recordsRuns), [{ log }, { log }, { log, exitAt }, { log }])
      const onRows: typeof run.host.onRows = async (rows) => {
        await run.host.onRows(rows)
        if (!existsSync(exitAt)) writeFileSync(exitAt, '')
      }
      expect(await executor.run(run.batch, { ...run.host, onRows })).toMatchObject({ results: 3, errors: 1 })
      const runs = readFileSync(log, 'utf8').trim().split(' ')
      expect(run.rows[0]).toMatchObject({ start: 0, end: 2 })
      expect([0, 1].map((row) => runs.filter((run) => run === `${row}`).length)).toEqual([1, 1])
    })

    it.each(['until told', 'for ever'])('ends a cancelled batch whose spec would run %s', async (how) => {
      const controller = new AbortController()
      const run = testRun(waiting, [{ how: 'at once' }, { how }, { how: 'at once' }], {
        signal: controller.signal,
        onProgress: () => controller.abort(new Error('the user changed his mind')),
      })
      const cause = { message: 'the user changed his mind' }
      await expect(executor.run(run.batch, run.host)).rejects.toMatchObject({ code: 'CANCELLED', cause })
      await expectUsable()
    })

    it('does not begin a batch that was cancelled while it was pending or before it was sent', async () => {
      const controller = new AbortController()
      const first = testRun(waiting, [{ how: 'at once' }])
      const second = testRun(waiting, [{ how: 'at once' }], { signal: controller.signal })
      const running = executor.run(first.batch, first.host)
      const queued = executor.run(second.batch, second.host)
      controller.abort()
      await expect(queued).rejects.toMatchObject({ code: 'CANCELLED' })
      await running
      await expect(executor.run(second.batch, second.host)).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(second.rows).toEqual([])
    })

    it('ends a batch only after its host has stored the rows', async () => {
      const kept = deferred<void>()
      const asked = deferred<void>()
      const run = testRun(numbers, specs, {
        onRows: () => {
          asked.resolve()
          return kept.promise
        },
      })
      let isOver = false
      const result = executor.run(run.batch, run.host).finally(() => {
        isOver = true
      })
      await asked.promise
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(isOver).toBe(false)
      kept.resolve()
      expect(await result).toMatchObject({ results: 50 })
    })

    it.each(['readSpecs', 'onRows'] as const)(
      'ends a cancelled batch whose host lost the answer of %s',
      async (call) => {
        const controller = new AbortController()
        const run = testRun(numbers, specs, {
          signal: controller.signal,
          [call]: () => {
            const lost = rejectOnAbort(controller.signal)
            controller.abort(new Error('no answer'))
            return lost
          },
        })
        await expect(executor.run(run.batch, run.host)).rejects.toMatchObject({ code: 'CANCELLED' })
        await expectUsable()
      },
    )

    it('returns equal rows if a batch runs again because its answer was lost', async () => {
      const first = testRun(numbers, specs)
      const again = { ...first.batch, resultFiles: { ...first.batch.resultFiles, attempt: 'attempt-2' } }
      const second = testRun(numbers, specs)
      await executor.run(first.batch, first.host)
      await executor.run(again, second.host)
      expect(await second.table('scalars')).toEqual(await first.table('scalars'))
    })

    it.each(['readSpecs', 'onRows'] as const)('rejects with the error of the host whose %s fails', async (call) => {
      const run = testRun(numbers, specs, { [call]: () => Promise.reject(new Error('disk full')) })
      await expect(executor.run(run.batch, run.host)).rejects.toThrow('disk full')
      await expectUsable()
    })

    it.each(['broken', 'deadly', 'missing'])('rejects a batch whose experiment cannot be loaded: %s', async (file) => {
      const module = new URL(`fixtures/${file}.ts`, import.meta.url).href
      const run = testRun(numbers, specs)
      const batch = { ...run.batch, experiment: { name: 'unheard_of', module, memory: undefined } }
      const error = { code: 'EXPERIMENT_NOT_LOADED', experiment: 'unheard_of', module }
      await expect(executor.run(batch, run.host)).rejects.toMatchObject(error)
      expect(run.rows).toEqual([])
      await expectUsable()
    })

    it('stops its batches when it closes', async () => {
      const closing = open()
      const begun = deferred<void>()
      const run = testRun(waiting, [{ how: 'at once' }, { how: 'for ever' }], { onProgress: () => begun.resolve() })
      const running = closing.run(run.batch, run.host)
      running.catch(() => {})
      await begun.promise
      await closing.close()
      await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    })
  })
}
