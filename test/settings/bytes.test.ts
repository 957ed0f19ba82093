import { describe, expect, it } from 'vitest'
import { parseBytes } from '../../src/settings/bytes.js'

describe('sizes in bytes', () => {
  it.each<[unknown, number]>([
    ['2GB', 2e9],
    ['512MB', 512e6],
    ['512MiB', 512 * 2 ** 20],
    ['1.5 GiB', 1.5 * 2 ** 30],
    ['2g', 2e9],
    ['10kb', 10e3],
    ['1TB', 1e12],
    ['100', 100],
    ['100B', 100],
    [4096, 4096],
  ])('%j is %d bytes', (value, bytes) => {
    expect(parseBytes(value)).toBe(bytes)
  })

  it.each(['', 'GB', '2 apples', '-1GB', '1e3', '2GBB', '2Gi B', -1, 1.5, Number.NaN, null, undefined])(
    '%j is not a size',
    (value) => {
      expect(parseBytes(value)).toBeUndefined()
    },
  )
})
