import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearest } from '../../src/settings/nearest.js'

describe('the nearest name', () => {
  it.each([
    ['heatng', 'heating'],
    ['Cooling', 'cooling'],
    ['coolign', 'cooling'],
    ['weather_file', 'weatherFile'],
  ])('to %s is %s', (name, meant) => {
    expect(nearest(name, ['heating', 'cooling', 'weatherFile'])).toBe(meant)
  })

  it('is undefined if all names are far, or if there are none', () => {
    expect(nearest('lighting', ['economizer', 'setpoint'])).toBeUndefined()
    expect(nearest('lighting', [])).toBeUndefined()
  })

  it('is the name itself if it is in the list', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (names) => {
        expect(nearest(names[0]!, names)?.toLowerCase()).toBe(names[0]!.toLowerCase())
      }),
    )
  })

  it('is found across one letter added, removed or changed', () => {
    const word = fc.string({ minLength: 3, unit: fc.constantFrom(...'abcdefgh') })
    fc.assert(
      fc.property(word, fc.nat(), fc.constantFrom('', 'x', 'xy'), (name, at, letters) => {
        const i = at % name.length
        expect(nearest(name.slice(0, i) + letters + name.slice(i + 1), [name])).toBe(name)
      }),
    )
  })
})
