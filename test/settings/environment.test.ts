import { describe, expect, expectTypeOf, it } from 'vitest'
import { duration, flag, oneOf, readEnvironment, text, wholeNumber } from '../../src/settings/environment.js'

const variables = {
  NAME: text({ default: undefined }),
  SLOTS: wholeNumber(1, 9_000)({ default: 4 }),
  GPU: flag({ default: false }),
  LIMIT: duration({ default: undefined }),
  KIND: oneOf('local', 'remote')({ default: 'local' }),
}

describe('reading the environment', () => {
  it('gives defaults for what is not set or empty', () => {
    const values = readEnvironment(variables, { NAME: '', SLOTS: '' })
    expect(values).toEqual({ NAME: undefined, SLOTS: 4, GPU: false, LIMIT: undefined, KIND: 'local' })
    expectTypeOf(values.NAME).toEqualTypeOf<string | undefined>()
    expectTypeOf(values.SLOTS).toEqualTypeOf<number>()
    expectTypeOf(values.GPU).toEqualTypeOf<boolean>()
    expectTypeOf(values.KIND).toEqualTypeOf<'local' | 'remote'>()
  })

  it('gives values of their types', () => {
    expect(
      readEnvironment(variables, { NAME: 'n', SLOTS: ' 8 ', GPU: 'True', LIMIT: '1h', KIND: 'REMOTE', OTHER: 'x' }),
    ).toEqual({
      NAME: 'n',
      SLOTS: 8,
      GPU: true,
      LIMIT: 3_600_000,
      KIND: 'remote',
    })
  })

  it.each(['true', '1', 'yes', 'on', 't', 'y', 'True', 'YES', 'On'])('takes %s for true', (word) => {
    expect(readEnvironment(variables, { GPU: word }).GPU).toBe(true)
  })

  it.each(['false', '0', 'no', 'off', 'f', 'n', 'False', 'NO'])('takes %s for false', (word) => {
    expect(readEnvironment({ GPU: flag({ default: true }) }, { GPU: word }).GPU).toBe(false)
  })

  it('names everything that is wrong in one error', () => {
    const env = { SLOTS: 'many', GPU: 'maybe', LIMIT: '0s', KIND: 'far', NAME: 'fine' }
    expect(() => readEnvironment(variables, env)).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_INVALID',
        problems: [
          { variable: 'SLOTS', value: 'many', expected: 'a whole number from 1 to 9000' },
          { variable: 'GPU', value: 'maybe', expected: 'true or false (or 1/0, yes/no, on/off, t/f, y/n)' },
          { variable: 'LIMIT', value: '0s', expected: 'a time such as "90s", "30m" or "1h30m", up to 24 days' },
          { variable: 'KIND', value: 'far', expected: 'local or remote' },
        ],
        message: expect.stringContaining('\n  SLOTS: expected a whole number from 1 to 9000, got "many"\n'),
      }),
    )
  })

  it.each(['0', '-1', '1.5', '1e3', '0x10', '9001', '99999999999999999'])(
    'takes %s for no whole number of 1 or more',
    (number) => {
      expect(() => readEnvironment(variables, { SLOTS: number })).toThrow(/SLOTS/)
    },
  )
})
