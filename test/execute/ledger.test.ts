import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLedger } from '../../src/execute/ledger.js'
import type { Batch, FinishedRows } from '../../src/execute/pool.js'
import type { Death } from '../../src/execute/verdict.js'

const batch = { start: 10, end: 20 } as Batch

function deathAt(sortIndex: number, attempt: number, facts: Partial<Death> = {}): Death {
  const status = { sortIndex, attempt, startedAt: 1000, errors: 0, memoryUsed: 0, memoryLimit: 0 }
  return { exitCode: 1, signal: null, stderr: '', at: 3500, overdue: undefined, uncaught: undefined, status, ...facts }
}

function rows(start: number, end: number, errors = 0): FinishedRows {
  return { start, end, results: end - start - errors, errors, parts: {}, files: [] }
}

test('after a death the next process goes on behind the rows that left, and makes the row of the spec to blame', () => {
  const ledger = createLedger(batch, 'w')
  ledger.left(rows(10, 14, 1))
  expect(ledger.died(deathAt(16, 1), 0)).toBe(true)
  expect(ledger.order()).toEqual({
    batch,
    next: 14,
    known: [
      {
        sortIndex: 16,
        attempts: 1,
        error: expect.objectContaining({ code: 'SPEC_EXITED', attempts: 1, worker: 'w', seconds: 2.5 }),
      },
    ],
  })
  ledger.left(rows(14, 20, 2))
  expect(ledger.order()).toMatchObject({ next: 20, known: [] })
  expect([ledger.results, ledger.errors]).toEqual([7, 3])
})

test('a spec with retries left is tried again and keeps its count', () => {
  const ledger = createLedger(batch, 'w')
  ledger.died(deathAt(11, 1), 2)
  expect(ledger.order().known).toEqual([{ sortIndex: 11, attempts: 1, error: undefined }])
  ledger.died(deathAt(11, 2), 2)
  ledger.died(deathAt(11, 3), 2)
  expect(ledger.order().known).toEqual([{ sortIndex: 11, attempts: 3, error: expect.anything() }])
})

test('two deaths in a row that are no spec’s fault lead nowhere, unless rows left in between', () => {
  const ledger = createLedger(batch, 'w')
  expect(ledger.died(deathAt(-1, 0), 0)).toBe(true)
  ledger.left(rows(10, 12))
  expect(ledger.died(deathAt(11, 1), 0)).toBe(true)
  expect(ledger.order().known).toEqual([])
  expect(ledger.died(deathAt(-1, 0), 0)).toBe(false)
})

test('a try that began while its process was being ended for the one before is not blamed', () => {
  const ledger = createLedger(batch, 'w')
  expect(ledger.died(deathAt(12, 1, { overdue: { limit: 500, startedAt: 400 } }), 0)).toBe(true)
  expect(ledger.order().known).toEqual([])
  expect(ledger.died(deathAt(12, 1, { overdue: { limit: 500, startedAt: 1000 } }), 0)).toBe(true)
  expect(ledger.order().known).toMatchObject([{ sortIndex: 12, error: { code: 'SPEC_TIMED_OUT' } }])
})

test('progress counts the errors of all processes, and goes on from the rows that left', () => {
  const ledger = createLedger(batch, 'w')
  const at = (sortIndex: number, errors: number) => ledger.progress({ ...deathAt(sortIndex, 1).status, errors })
  ledger.order()
  expect(at(-1, 0)).toEqual({ done: 0, errors: 0 })
  expect(at(13, 2)).toEqual({ done: 3, errors: 2 })
  ledger.left(rows(10, 14, 2))
  ledger.died(deathAt(15, 1), 0)
  ledger.order()
  expect(at(14, 0)).toEqual({ done: 4, errors: 2 })
  expect(at(17, 1)).toEqual({ done: 7, errors: 3 })
})

test('wherever processes die, every spec ends as one row, in a bounded number of processes', () => {
  const fate = fc.record({ runs: fc.nat(6), leaves: fc.nat(6) })
  fc.assert(
    fc.property(fc.array(fate, { maxLength: 40 }), fc.nat(2), (fates, retries) => {
      const ledger = createLedger(batch, 'w')
      const done: number[] = []
      const tries = new Map<number, number>()
      for (const { runs, leaves } of fates) {
        const { next, known } = ledger.order()
        if (next === batch.end) break
        // The process finishes some specs, of which some leave, and dies of the one after.
        let at = next
        for (let i = 0; i < runs && at < batch.end - 1; i++) at += 1
        const given = new Map(known.map((tries) => [tries.sortIndex, tries]))
        while (given.get(at)?.error && at < batch.end) at += 1
        const left = Math.min(next + leaves, at)
        if (left > next) {
          done.push(...Array.from({ length: left - next }, (_, i) => next + i))
          ledger.left(rows(next, left))
        }
        if (at === batch.end) continue
        const attempt = (given.get(at)?.attempts ?? 0) + 1
        expect(attempt).toBeLessThanOrEqual(retries + 1)
        tries.set(at, attempt)
        expect(ledger.died(deathAt(at, attempt), retries)).toBe(true)
      }
      const { next } = ledger.order()
      ledger.left(rows(next, batch.end))
      done.push(...Array.from({ length: batch.end - next }, (_, i) => next + i))
      expect(done).toEqual(Array.from({ length: 10 }, (_, i) => 10 + i))
      expect(ledger.results + ledger.errors).toBe(10)
    }),
  )
})
