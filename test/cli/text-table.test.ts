import { expect, test } from 'vitest'
import { dataColumns, textTable } from '../../src/cli/text-table.js'

test('a table aligns texts to the left and numbers to the right', () => {
  const columns = dataColumns(
    ['city', 'n'],
    [
      { city: 'Denver', n: 7 },
      { city: 'Bonn', n: 12 },
    ],
  )
  expect(textTable(columns).split('\n')).toEqual(['city     n', 'Denver   7', 'Bonn    12'])
})

test('a table measures letters by their width on a terminal', () => {
  const cities = ['東京', 'Zürich', 'Zu\u0308rich', '👩‍🔬']
  const columns = dataColumns(
    ['city', 'n'],
    cities.map((city) => ({ city, n: 1 })),
  )
  expect(textTable(columns).split('\n')).toEqual([
    'city    n',
    '東京    1',
    'Zürich  1',
    'Zu\u0308rich  1',
    '👩‍🔬      1',
  ])
})

test('a table that is too wide omits middle columns, and counts wide letters twice', () => {
  const row = { a: '東京東京', b: '東京東京', c: '東京東京' }
  expect(textTable(dataColumns(['a', 'b', 'c'], [row]), 20).split('\n')).toEqual(['a         …', '東京東京  …'])
  expect(textTable(dataColumns(['a', 'b', 'c'], [row]), 28)).toContain('東京東京  東京東京  東京東京')
})
