import { describe, expect, it } from 'vitest'
import { createRandom } from '../../tools/chaos/random.js'
import { DOORS, doorSeed } from '../../tools/fuzz/doors.js'
import { fuzz } from '../../tools/fuzz/fuzz.js'
import { repeatText } from '../../tools/fuzz/keep.js'
import { whatIsWrong } from '../../tools/fuzz/verdict.js'
import { KEPT, keptBytes } from './kept.js'

/** What an input may make the process grow by. */
const MOST_KB = 256 * 1024

describe('inputs that were damaged', () => {
  it('are taken or refused in our own words at every door, in a process of their own', async () => {
    const doors = DOORS.map(({ name }) => name)
    const { finds, counts } = await fuzz({ doors, first: 1, inputs: 40, milliseconds: 120_000 })
    expect(finds.map((find) => `${repeatText(find)}: ${find.problem}`)).toEqual([])
    expect(Object.keys(counts)).toEqual(doors)
  })

  it.each(KEPT)('are so where they were not once: %s %d', async (name, seed) => {
    const door = DOORS.find((door) => door.name === name)!
    const random = createRandom(doorSeed(door, seed))
    // What it draws now counts from then on, and so what it draws for the way in which the input comes.
    door.make(random)
    const before = process.resourceUsage().maxRSS
    const told = await door.take(keptBytes(name, seed), random).then(
      () => undefined,
      (error: unknown) => whatIsWrong(error, door),
    )
    expect(told).toBeUndefined()
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(MOST_KB)
  })
})

describe('the verdict on an error', () => {
  it('finds the language speaking through one of ours, and any error that is not ours', async () => {
    const { SpecsUnreadableError } = await import('../../src/cli/errors.js')
    const codes = ['SPECS_UNREADABLE']
    const of = (problem: string) => whatIsWrong(new SpecsUnreadableError('a.csv', problem), { codes })
    expect(of('line 2 has 1 value, and the header 2 columns.')).toBeUndefined()
    expect(of("Cannot read properties of undefined (reading 'map')")).toContain('in the message')
    expect(of('bad\n    at read (/a/b.js:1:2)')).toContain('a stack')
    expect(whatIsWrong(new SpecsUnreadableError('a', 'b'), { codes: [] })).toContain('the code SPECS_UNREADABLE')
    expect(whatIsWrong(new TypeError('x'), { codes })).toContain('not ours')
  })
})
