import fc from 'fast-check'
import { expect, it } from 'vitest'
import { printable } from '../../src/settings/printable.js'

it.each([
  ['\x1b[2J\x1b]0;owned\x07', '\\u001b[2J\\u001b]0;owned\\u0007'],
  ['over\rwritten', 'over\\u000dwritten'],
  ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['\x9b31m \x7f', '\\u009b31m \\u007f'],
  ['a\u202eb\u2066c\u200fd', 'a\\u202eb\\u2066c\\u200fd'],
  ['größe 数 👩‍🔬', 'größe 数 👩‍🔬'],
])('%j is printed as %s', (text, shown) => {
  expect(printable(text)).toBe(shown)
})

it('no control characters of a terminal remain in any printable text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
      expect(printable(text)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/)
    }),
  )
})
