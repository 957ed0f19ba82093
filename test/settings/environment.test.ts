import { describe, expect, expectTypeOf, it } from 'vitest'
import { optionsAsVariables, readSettings, showSettings } from '../../src/settings/environment.js'
import { duration, flag, list, oneOf, size, text, wholeNumber } from '../../src/settings/types.js'

const doc = 'what it means'
const settings = {
  name: text({ variable: 'NAME', otherwise: 'after the host', doc }),
  slots: wholeNumber(1, 9_000)({ variable: 'SLOTS', default: 4, doc }),
  gpu: flag({ variable: 'GPU', default: false, doc }),
  limit: duration({ variable: 'LIMIT', otherwise: 'never', doc }),
  kind: oneOf('local', 'remote')({ variable: 'KIND', default: 'local', doc }),
}

describe('reading the environment', () => {
  it('returns the default of a variable that is unset or empty', () => {
    const values = readSettings(settings, { NAME: '', SLOTS: '' })
    expect(values).toEqual({ name: undefined, slots: 4, gpu: false, limit: undefined, kind: 'local' })
    expectTypeOf(values.name).toEqualTypeOf<string | undefined>()
    expectTypeOf(values.slots).toEqualTypeOf<number>()
    expectTypeOf(values.gpu).toEqualTypeOf<boolean>()
    expectTypeOf(values.kind).toEqualTypeOf<'local' | 'remote'>()
  })

  it('returns values of the declared types', () => {
    expect(
      readSettings(settings, { NAME: 'n', SLOTS: ' 8 ', GPU: 'True', LIMIT: '1h', KIND: 'REMOTE', OTHER: 'x' }),
    ).toEqual({
      name: 'n',
      slots: 8,
      gpu: true,
      limit: 3_600_000,
      kind: 'remote',
    })
  })

  it.each(['true', '1', 'yes', 'on', 't', 'y', 'True', 'YES', 'On'])('accepts %s as true', (word) => {
    expect(readSettings(settings, { GPU: word }).gpu).toBe(true)
  })

  it.each(['false', '0', 'no', 'off', 'f', 'n', 'False', 'NO'])('accepts %s as false', (word) => {
    expect(readSettings({ gpu: flag({ variable: 'GPU', default: true, doc }) }, { GPU: word }).gpu).toBe(false)
  })

  it('reports every problem in one error', () => {
    const env = { SLOTS: 'many', GPU: 'maybe', LIMIT: '0s', KIND: 'far', NAME: 'fine' }
    expect(() => readSettings(settings, env)).toThrow(
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
    'rejects %s as a whole number of 1 or more',
    (number) => {
      expect(() => readSettings(settings, { SLOTS: number })).toThrow(/SLOTS/)
    },
  )
})

describe('showing settings', () => {
  const shown = {
    ...settings,
    drain: duration({ variable: 'DRAIN', default: 25_000, doc }),
    most: size({ variable: 'MOST', default: 10e9, doc }),
    stores: list('stores')({ variable: 'STORES', default: [], otherwise: 'none', doc }),
  }
  const texts = (env: Record<string, string>) =>
    showSettings(shown, readSettings(shown, env), env).map(({ value, from }) => `${value} (${from})`)

  it('shows the effective values, in the form of their variables', () => {
    expect(texts({})).toEqual([
      'after the host (default)',
      '4 (default)',
      'false (default)',
      'never (default)',
      'local (default)',
      '25s (default)',
      '10GB (default)',
      'none (default)',
    ])
    const env = { NAME: 'n', LIMIT: '90m', GPU: 'yes', DRAIN: '500ms', MOST: '1.5kB', STORES: 'a, b' }
    expect(texts(env)).toEqual([
      'n (environment)',
      '4 (default)',
      'true (environment)',
      '1h30m (environment)',
      'local (default)',
      '500ms (environment)',
      '1500 (environment)',
      'a,b (environment)',
    ])
  })

  it('accepts options in place of the variables', () => {
    const options = { slots: 5, gpu: false, limit: 90_000, drain: '1h', stores: ['a', 'b'], name: undefined }
    const env = { SLOTS: '5', GPU: 'false', LIMIT: '1m30s', DRAIN: '1h', STORES: 'a,b' }
    expect(optionsAsVariables(shown, options)).toEqual(env)
  })
})
