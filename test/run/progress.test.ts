import { describe, expect, it } from 'vitest'
import { createProgressTeller, type RunProgress } from '../../src/run/progress.js'

function teller(before = { results: 0, errors: 0 }) {
  const told: RunProgress[] = []
  return { told, ...createProgressTeller(100, before, (progress) => told.push(progress)) }
}

describe('the progress of a run', () => {
  it('is the count that batches report, added to what was done before', () => {
    const { told, reported } = teller({ results: 9, errors: 1 })
    reported({ start: 10, end: 20, done: 3, errors: 0 })
    reported({ start: 20, end: 30, done: 5, errors: 2 })
    reported({ start: 10, end: 20, done: 7, errors: 0 })
    expect(told.map(({ done, errors }) => [done, errors])).toEqual([
      [13, 1],
      [18, 3],
      [22, 3],
    ])
  })

  it('is the greater of reports and receipts, never decreases, and is reported if it has changed', () => {
    const { told, reported, counted } = teller()
    reported({ start: 0, end: 10, done: 8, errors: 0 })
    counted({ results: 5, errors: 1 })
    counted({ results: 5, errors: 1 })
    counted({ results: 39, errors: 1 })
    reported({ start: 0, end: 10, done: 10, errors: 0 })
    // A batch that is lost begins anew.
    reported({ start: 0, end: 10, done: 1, errors: 0 })
    expect(told.map(({ done, errors }) => [done, errors])).toEqual([
      [8, 0],
      [8, 1],
      [40, 1],
    ])
  })

  it('includes what the run waits for, until a spec is done', () => {
    const { told, waiting, counted } = teller()
    waiting([])
    waiting(['has_gpu'])
    waiting(['has_gpu'])
    waiting(['a worker that does fan work', 'has_gpu'])
    counted({ results: 1, errors: 0 })
    waiting(['has_gpu'])
    waiting([])
    expect(told.map(({ waitingFor }) => waitingFor)).toEqual([
      ['has_gpu'],
      ['a worker that does fan work', 'has_gpu'],
      undefined,
      ['has_gpu'],
      undefined,
    ])
  })

  it('waits for nothing if the run has ended', () => {
    const { told, waiting, away, ended } = teller()
    waiting(['has_gpu'])
    away('ENOENT')
    ended({ results: 99, errors: 1 })
    ended({ results: 99, errors: 1 })
    expect(told.map(({ waitingFor }) => waitingFor)).toEqual([
      ['has_gpu'],
      ['the store (ENOENT)', 'has_gpu'],
      undefined,
    ])
    expect(told.at(-1)).toEqual({ specs: 100, done: 100, errors: 1 })
  })
})
