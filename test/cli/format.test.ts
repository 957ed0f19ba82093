import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { groupErrors } from '../../src/cli/error-groups.js'
import { matchRun } from '../../src/cli/find-run.js'
import {
  formatAddress,
  formatCell,
  formatCount,
  formatPlural,
  formatRate,
  formatSeconds,
  toJson,
} from '../../src/cli/format.js'
import { createMeter, progressBar, progressText } from '../../src/cli/progress.js'
import { dataColumns, textTable } from '../../src/cli/text-table.js'

describe('text for people', () => {
  it('has short counts, times and rates', () => {
    expect([0, 999, 1234567].map(formatCount)).toEqual(['0', '999', '1,234,567'])
    expect([formatPlural(1, 'spec'), formatPlural(2000, 'spec')]).toEqual(['1 spec', '2,000 specs'])
    expect([0, 9.94, 9.95, 59.4, 59.6, 3599.7, 7500].map(formatSeconds)).toEqual([
      '0.0 s',
      '9.9 s',
      '10 s',
      '59 s',
      '1 min 0 s',
      '1 h 0 min',
      '2 h 5 min',
    ])
    expect([0.123, 1.26, 9.96, 1234.5].map(formatRate)).toEqual(['0.12', '1.3', '10.0', '1,235'])
  })

  it('has short values', () => {
    const values = [
      null,
      3,
      1234567,
      0.000123456,
      17.23456789,
      12345678901234567890n,
      true,
      [1, { a: 2n }],
      'two\nlines',
    ]
    expect(values.map(formatCell)).toEqual([
      '',
      '3',
      '1234567',
      '0.00012346',
      '17.235',
      '12345678901234567890',
      'true',
      '[1,{"a":2}]',
      'two lines',
    ])
    expect(formatCell('a rather long text that goes on')).toBe('a rather long text that goe…')
    expect(formatCell('s3://bucket/study/v1.0.0/weather.epw')).toBe('…et/study/v1.0.0/weather.epw')
    expect(toJson({ a: 2n ** 60n, b: 1n })).toBe('{"a":"1152921504606846976","b":1}')
  })

  it('has local files as relative paths if these are shorter', () => {
    expect(formatAddress(pathToFileURL(join(process.cwd(), 'a b', 'c.pq')).href)).toBe(join('a b', 'c.pq'))
    expect(formatAddress('file:///x')).toBe('/x')
    expect(formatAddress('s3://bucket/a.pq')).toBe('s3://bucket/a.pq')
  })

  it('has aligned tables, with numbers to the right', () => {
    const rows = [
      { n: 5, place: 'Oslo', x: null },
      { n: 1000, place: 'Rio', x: 0.5 },
    ]
    expect(textTable(dataColumns(['n', 'place', 'x'], rows))).toBe('   n  place    x\n   5  Oslo\n1000  Rio    0.5')
  })

  it('has tables that fit: middle columns are dropped first, and one column remains at any width', () => {
    const columns = ['a1', 'b2', 'c3', 'd4', 'e5'].map((name) => ({ name, cells: ['xx'] }))
    const head = (width: number) => textTable(columns, width).split('\n')[0]
    expect([18, 17, 13, 12, 5, 1].map(head)).toEqual([
      'a1  b2  c3  d4  e5',
      'a1  b2  …  d4  e5',
      'a1  b2  …  e5',
      'a1  …  e5',
      'a1  …',
      'a1  …',
    ])
  })
})

describe('progress', () => {
  it('reports what is done, what failed, the rate and the remaining time', () => {
    expect(progressText({ specs: 10_000, done: 1200, errors: 1 }, 400)).toBe(
      '1,200 of 10,000 specs (12 %), 1 error, 400 a second, 22 s left',
    )
    expect(progressText({ specs: 1000, done: 999, errors: 0 }, undefined)).toBe('999 of 1,000 specs (99 %)')
    expect(progressText({ specs: 10, done: 10, errors: 0 }, 3)).toBe('10 of 10 specs (100 %), gathering tables')
    const waitingFor = ['a worker that does fan work', 'has_gpu']
    expect(progressText({ specs: 10, done: 2, errors: 0, waitingFor }, 3)).toBe(
      '2 of 10 specs (20 %), waiting for a worker that does fan work and has_gpu',
    )
  })

  it('fits one line of the terminal, with a bar if there is room', () => {
    const half = { specs: 10, done: 5, errors: 0 }
    expect(progressBar(half, 1, 100)).toBe(
      `${'█'.repeat(15)}${'░'.repeat(15)} 5 of 10 specs (50 %), 1.0 a second, 5.0 s left`,
    )
    for (const width of [200, 80, 60, 50, 20]) expect(progressBar(half, 1, width).length).toBeLessThan(width)
  })

  it('measures the rate over the last seconds', () => {
    const meter = createMeter()
    expect(meter.rate()).toBeUndefined()
    meter.note(100, 0)
    expect(meter.rate()).toBeUndefined()
    meter.note(110, 1000)
    expect(meter.rate()).toBe(10)
    for (let second = 2; second <= 60; second++) meter.note(110 + 50 * (second - 1), second * 1000)
    expect(meter.rate()).toBe(50)
  })
})

describe('the name of a run', () => {
  const ids = ['a/v1.0.0/2026-01-01_00-00-00', 'b/a/v1.0.0/2026-01-01_00-00-00', 'b/v2.0.0/2026-01-02_00-00-30']

  it('is its id or an ending of it, and whole names match first', () => {
    expect(matchRun(ids[0]!, ids, 'store')).toBe(ids[0])
    expect(matchRun('b/a/v1.0.0/2026-01-01_00-00-00', ids, 'store')).toBe(ids[1])
    expect(matchRun('00-30', ids, 'store')).toBe(ids[2])
    expect(matchRun('a/v1/t', ['aa/v1/t', 'b/a/v1/t'], 'store')).toBe('b/a/v1/t')
  })

  it('is asked for again if it matches several runs or none', () => {
    expect(() => matchRun('v1.0.0/2026-01-01_00-00-00', ids, 'store')).toThrow(
      expect.objectContaining({ code: 'RUN_AMBIGUOUS', candidates: ids.slice(0, 2) }),
    )
    const missing = (name: string) => {
      try {
        return matchRun(name, ids, 'store')
      } catch (error) {
        return (error as { similar: string[] }).similar
      }
    }
    expect(missing('2026-01-02')).toEqual([ids[2]])
    expect(missing('v2.0.0/2026-01-02_00-00-31')).toEqual([ids[2]])
    expect(missing('something else')).toEqual([])
  })
})

describe('errors of specs', () => {
  it('are grouped by message, the most frequent first, with the first specs of each group', async () => {
    async function* rows() {
      for (let sort_index = 0; sort_index < 9; sort_index++) {
        const dry = sort_index % 3 > 0
        yield { sort_index, error_code: 'SPEC_FAILED', error_name: 'Error', error_message: dry ? 'dry' : 'wet' }
      }
    }
    expect(await groupErrors(rows())).toEqual({
      groups: [
        { code: 'SPEC_FAILED', name: 'Error', message: 'dry', count: 6, specs: [1, 2, 4, 5, 7] },
        { code: 'SPEC_FAILED', name: 'Error', message: 'wet', count: 3, specs: [0, 3, 6] },
      ],
      others: 0,
    })
  })

  it('are still counted if there are more messages than can be kept', async () => {
    async function* rows() {
      for (let n = 0; n < 1500; n++) yield { sort_index: n, error_code: 'X', error_name: 'X', error_message: String(n) }
    }
    expect(await groupErrors(rows())).toMatchObject({ groups: { length: 1000 }, others: 500 })
  })
})
