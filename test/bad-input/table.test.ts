import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { DOORS } from './doors.js'
import { tableOf } from './table.js'

it('docs/bad-input.md has every case', async () => {
  const page = fileURLToPath(new URL('../../docs/bad-input.md', import.meta.url))
  await expect(tableOf(DOORS)).toMatchFileSnapshot(page)
})

it('there are 200 cases and more, each with a name of its own and with words', () => {
  const all = DOORS.flatMap(({ title, cases }) => cases.map(({ what, says }) => ({ name: `${title}: ${what}`, says })))
  expect(all.length).toBeGreaterThanOrEqual(200)
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  expect(all.filter(({ says }) => says === '')).toEqual([])
})
