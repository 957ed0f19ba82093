import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../src/settings/duration.js'

describe('durations', () => {
  it.each<[unknown, number]>([
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['90s', 90_000],
    ['250ms', 250],
    ['1m500ms', 60_500],
    ['2d', 172_800_000],
    [' 1s ', 1000],
    ['0s', 0],
    [1500, 1500],
    [0, 0],
  ])('%j is %d ms', (value, ms) => {
    expect(parseDuration(value)).toBe(ms)
  })

  it.each([
    '',
    '30',
    '1h30',
    'soon',
    '-1s',
    '1 h',
    '1hs',
    '1e3s',
    '1h 30m',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    {},
  ])('%j is not a duration', (value) => {
    expect(parseDuration(value)).toBeUndefined()
  })

  it.each([
    [5_400_000, '1h30m'],
    [90_061_001, '25h1m1s1ms'],
    [0, '0s'],
    [250, '250ms'],
  ])('%d ms is formatted as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('are parsed back from their formatted text', () => {
    fc.assert(
      fc.property(fc.nat(), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms)
      }),
    )
  })

  it('are the sum of their parts', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), (h, m, s) => {
        expect(parseDuration(`${h}h${m}m${s}s`)).toBe(((h * 60 + m) * 60 + s) * 1000)
      }),
    )
  })
})
