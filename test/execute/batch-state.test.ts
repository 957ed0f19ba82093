import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Batch, FinishedRows } from '../../src/execute/executor.js'
import { createBatchState } from '../../src/execute/pool/batch-state.js'
import type { ProcessExit } from '../../src/execute/pool/exit-cause.js'
import { idleStatus } from './support.js'

const batch = { start: 10, end: 20 } as Batch
const shared = { isolation: 'slot', executionTimeout: 60_000 } as const

/** The exit, with code 1, of a process at an attempt; it has begun others unless `begun` is 1. */
function exitAt(sortIndex: number, attempt: number, begun = 2, facts: Partial<ProcessExit> = {}): ProcessExit {
  const status = { ...idleStatus, sortIndex, attempt, startedAt: 1000, begun }
  return { exitCode: 1, signal: null, stderr: '', at: 3500, ended: undefined, word: undefined, status, ...facts }
}

function rows(start: number, end: number, errors = 0): FinishedRows {
  return { start, end, results: end - start - errors, errors, parts: {}, files: [] }
}

function stateAt(next: number) {
  const state = createBatchState(batch, 'w')
  if (next > batch.start) state.recordRows(rows(batch.start, next))
  const recordExit = (exit: ProcessExit, retries: number, begun = exit.status.begun) =>
    state.recordExit(exit, retries, begun)
  return { ...state, recordExit, next: state.next, order: () => state.order(shared, false) }
}

test('a spec that ran when its process ended is a suspect: the specs before it run first, then it runs alone', () => {
  const { order, recordExit, recordRows } = stateAt(14)
  expect(recordExit(exitAt(16, 1), 0)).toBe(true)
  expect(order()).toMatchObject({ batch, next: 14, end: 16, known: [], alone: false, careful: false })
  recordRows(rows(14, 16))
  expect(order()).toMatchObject({ next: 16, end: 17, alone: true, known: [{ sortIndex: 16, attempts: 0 }] })
})

test('a suspect that ends its process again when alone gets an error row, which the next process writes', () => {
  const { order, recordExit } = stateAt(16)
  recordExit(exitAt(16, 1), 0)
  expect(order().alone).toBe(true)
  expect(recordExit(exitAt(16, 1, 1), 0)).toBe(true)
  const error = expect.objectContaining({ code: 'SPEC_EXITED', attempts: 1, worker: 'w', seconds: 2.5 })
  expect(order()).toMatchObject({ next: 16, end: 20, alone: false, known: [{ sortIndex: 16, attempts: 1, error }] })
})

test('a suspect that completes when alone has used none of its retries', () => {
  const { order, recordExit, recordRows } = stateAt(16)
  recordExit(exitAt(16, 1), 0)
  recordRows(rows(16, 17))
  expect(order()).toMatchObject({ next: 17, end: 20, alone: false, known: [] })
})

test('each attempt of a spec that ends its process when alone counts, and the next attempt is alone too', () => {
  const { order, recordExit } = stateAt(11)
  recordExit(exitAt(11, 1, 1), 2)
  expect(order()).toMatchObject({ alone: true, known: [{ sortIndex: 11, attempts: 0 }] })
  recordExit(exitAt(11, 1, 1), 2)
  expect(order()).toMatchObject({ alone: true, known: [{ sortIndex: 11, attempts: 1, error: undefined }] })
  recordExit(exitAt(11, 2, 1), 2)
  recordExit(exitAt(11, 3, 1), 2)
  expect(order().known).toEqual([{ sortIndex: 11, attempts: 3, error: expect.objectContaining({ attempts: 3 }) }])
})

test('an exit that may come from outside is blamed on a spec only after three times alone', () => {
  const { order, recordExit } = stateAt(11)
  const killed = { exitCode: null, signal: 'SIGKILL' }
  for (let times = 0; times < 3; times++) {
    recordExit(exitAt(11, 1, 1, killed), 0)
    order()
  }
  expect(order()).toMatchObject({ alone: true, known: [{ attempts: 0, error: undefined }] })
  recordExit(exitAt(11, 1, 1, killed), 0)
  expect(order().known).toMatchObject([{ sortIndex: 11, error: { code: 'SPEC_OUT_OF_MEMORY' } }])
})

test('after a change of shared state, all rows not yet flushed run again, one at a time', () => {
  const { order, recordExit, recordRows } = stateAt(12)
  recordExit(exitAt(15, 1, 6, { word: { type: 'changed', what: 'Math.sin' } }), 0)
  expect(order()).toMatchObject({ next: 12, end: 16, careful: true, alone: false })
  recordRows(rows(12, 16))
  expect(order()).toMatchObject({ next: 16, end: 20, careful: false })
})

test('batch orders ask for exact attempts after a process has ended, and if little time is left', () => {
  const { order, recordExit } = stateAt(14)
  expect(order().exact).toBe(false)
  recordExit(exitAt(16, 1), 0)
  expect(order().exact).toBe(true)
  const { order: ofShort } = createBatchState(batch, 'w')
  expect(ofShort({ ...shared, executionTimeout: 1000 }, false).exact).toBe(true)
  expect(ofShort(shared, true).exact).toBe(true)
})

test('an experiment with isolated specs has one order and one process for each spec', () => {
  const state = createBatchState(batch, 'w')
  expect(state.order({ ...shared, isolation: 'spec' }, false)).toMatchObject({ next: 10, end: 11, alone: true })
})

test('two idle exits in a row end the batch as a failure, unless rows were flushed in between', () => {
  const { recordExit, recordRows } = stateAt(10)
  expect(recordExit(exitAt(-1, 0, 0), 0)).toBe(true)
  recordRows(rows(10, 12))
  expect(recordExit(exitAt(-1, 0, 0), 0)).toBe(true)
  expect(recordExit(exitAt(-1, 0, 0), 0)).toBe(false)
})

test('a process that exits after all its rows were flushed is blamed on no spec', () => {
  const { order, recordExit, recordRows } = stateAt(12)
  recordExit(exitAt(12, 1), 0)
  expect(order()).toMatchObject({ next: 12, end: 13, alone: true })
  recordRows(rows(12, 13))
  expect(recordExit(exitAt(12, 1, 1), 0)).toBe(true)
  expect(recordExit(exitAt(-1, 0, 1), 0)).toBe(true)
  expect(order()).toMatchObject({ next: 13, end: 20, alone: false, known: [] })
})

test('processes that end idle after they ran specs of other batches do not end the batch', () => {
  const { recordExit } = stateAt(10)
  expect(Array.from({ length: 20 }, () => recordExit(exitAt(-1, 0, 3), 0, 0))).toEqual(new Array(20).fill(true))
})

test('a process that is killed from outside before it began a spec is restarted ten times', () => {
  const { recordExit } = stateAt(10)
  const kill = () => recordExit(exitAt(-1, 0, 0, { exitCode: null, signal: 'SIGTERM' }), 0)
  expect(Array.from({ length: 10 }, kill)).toEqual([...new Array(9).fill(true), false])
})

test('an attempt that began while its process was being ended for an earlier spec is not blamed', () => {
  const { order, recordExit } = stateAt(10)
  const overdue = (startedAt: number) => ({ ended: { type: 'overdue', limit: 500, startedAt } as const })
  expect(recordExit(exitAt(12, 1, 1, overdue(400)), 0)).toBe(true)
  expect(order()).toMatchObject({ end: 20, known: [] })
  expect(recordExit(exitAt(12, 1, 1, overdue(1000)), 0)).toBe(true)
  expect(order()).toMatchObject({ end: 12 })
})

test('progress counts the errors of all processes, and continues from the rows that were flushed', () => {
  const { order, progress, recordRows, recordExit } = stateAt(10)
  const at = (sortIndex: number, errors: number) => progress({ ...exitAt(sortIndex, 1).status, errors })
  order()
  expect(at(-1, 0)).toEqual({ done: 0, errors: 0 })
  expect(at(13, 2)).toEqual({ done: 3, errors: 2 })
  recordRows(rows(10, 14, 2))
  recordExit(exitAt(15, 1), 0)
  order()
  expect(at(14, 0)).toEqual({ done: 4, errors: 2 })
  expect(at(17, 1)).toEqual({ done: 7, errors: 3 })
})

test('every spec ends as one row in a bounded number of processes, wherever processes end', () => {
  const deadly = fc.uniqueArray(fc.integer({ min: 10, max: 19 }), { maxLength: 4 }).map((specs) => specs.sort())
  const chances = fc.infiniteStream(fc.record({ at: fc.nat(9), kind: fc.nat(5), left: fc.nat(9) }))
  fc.assert(
    fc.property(deadly, chances, fc.nat(40), fc.nat(2), (killers, chance, disturbances, retries) => {
      const state = createBatchState(batch, 'w')
      const blamed = new Map<number, number>()
      let processes = 0
      for (let troubles = disturbances; !state.isComplete; ) {
        expect(++processes).toBeLessThan(400)
        const { next, end, known, alone, careful } = state.order(shared, false)
        const { at, kind, left } = chance.next().value!
        const given = new Map(known.map((tries) => [tries.sortIndex, tries]))
        // Something that has nothing to do with the specs, now and then.
        const place = Math.min(next + at, end - 1)
        const trouble = troubles > 0 && kind < 4 && !given.get(place)?.error ? place : undefined
        const killer = killers.find((spec) => spec >= next && spec < end && !given.get(spec)?.error)
        const stop = Math.min(killer ?? end, trouble ?? end)
        const leaving = stop === end ? end : Math.min(stop, next + left)
        if (leaving > next) {
          for (let spec = next; spec < leaving; spec++) if (given.get(spec)?.error) blamed.set(spec, 1)
          const errors = known.filter(({ sortIndex, error }) => error && sortIndex < leaving).length
          state.recordRows(rows(next, leaving, errors))
        }
        if (stop === end) continue
        const isTrouble = stop === trouble && stop !== killer
        if (isTrouble) troubles -= 1
        const attempt = (given.get(stop)?.attempts ?? 0) + 1
        expect(attempt).toBeLessThanOrEqual(retries + 1)
        const begun = alone ? 1 : stop - next + 2
        const words = [
          { exitCode: null, signal: alone ? 'SIGSEGV' : 'SIGKILL' },
          careful ? {} : { word: { type: 'changed', what: 'x' } as const },
          alone ? {} : { word: { type: 'suspect', reason: 'x' } as const },
          {},
        ]
        // Alone, nothing but a kill disturbs, and that is not believed at once.
        const how = isTrouble ? (alone ? { exitCode: null, signal: 'SIGKILL' } : words[kind]!) : {}
        if (isTrouble && alone && troubles % 2 === 0) continue
        expect(state.recordExit(exitAt(stop, attempt, begun, how), retries, begun)).toBe(true)
      }
      expect(state.results + state.errors).toBe(10)
      for (const spec of blamed.keys()) if (!killers.includes(spec)) expect(disturbances).toBeGreaterThan(2)
      for (const spec of killers) expect(blamed.has(spec)).toBe(true)
    }),
  )
})

test('specs that end their process unseen, before any row was flushed, are found by bisection', () => {
  const killers = fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 5 })
  const kills = fc.constantFrom<Partial<ProcessExit>>({}, { ended: { type: 'stalled' } }, { signal: 'SIGKILL' })
  fc.assert(
    fc.property(killers, kills, fc.nat(2), (killers, how, retries) => {
      const state = createBatchState({ start: 0, end: 1000 } as Batch, 'w')
      const blamed: number[] = []
      let processes = 0
      while (!state.isComplete) {
        expect(++processes).toBeLessThan(killers.length * (25 + 4 * retries) + 25)
        const { next, end, known } = state.order(shared, false)
        const isBlamed = (spec: number) => known.some(({ sortIndex, error }) => sortIndex === spec && error)
        if (killers.some((spec) => spec >= next && spec < end && !isBlamed(spec))) {
          expect(state.recordExit(exitAt(-1, 0, end - next, how), retries, end - next)).toBe(true)
        } else {
          const errors = known.filter(({ error }) => error).map(({ sortIndex }) => sortIndex)
          blamed.push(...errors)
          state.recordRows(rows(next, end, errors.length))
        }
      }
      expect(blamed).toEqual(killers.sort((a, b) => a - b))
    }),
  )
})
