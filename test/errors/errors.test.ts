import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { ERROR_CODES, faultOf } from '../../src/error-codes.js'
import { ScytheError } from '../../src/errors.js'
import { isScytheError } from '../../src/is-scythe-error.js'
import { RunNotFoundError } from '../../src/run/errors.js'
import { isRefusal } from '../../src/scatter/errors.js'
import { errorsPage } from './page.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'src', name), 'utf8'))

/** Class name and code of every error that is declared. */
const declared = sources.flatMap((text) =>
  [...text.matchAll(/class (\w+) extends ScytheError<'([A-Z_]+)'>/g)].map(([, name, code]) => ({ name, code: code! })),
)

/** A run, a batch or a command that was stopped: engines know the three by one code. */
const SHARED = 'CANCELLED'

describe('the catalogue of errors', () => {
  it('is what docs/errors.md shows', async () => {
    await expect(errorsPage()).toMatchFileSnapshot(join(root, 'docs/errors.md'))
  })

  it('has one sentence and one way out for each code', () => {
    for (const [code, { meaning, wayOut }] of Object.entries(ERROR_CODES)) {
      expect(meaning, code).toMatch(/^[A-Z`].*\.$/)
      expect(wayOut, code).toMatch(/^[A-Z`].*\.$/)
    }
  })

  it('has no code that no error has', () => {
    const others = sources.filter((text) => !text.includes('export const ERROR_CODES')).join('\n')
    expect(Object.keys(ERROR_CODES).filter((code) => !others.includes(`'${code}'`))).toEqual([])
  })

  it('gives every class the name that its code has', () => {
    const nameOf = (code: string) =>
      `${code
        .split('_')
        .map((word) => word[0] + word.slice(1).toLowerCase())
        .join('')}Error`
    expect(declared.length).toBeGreaterThan(40)
    expect(declared.filter(({ name, code }) => name !== nameOf(code) && code !== SHARED)).toEqual([])
  })

  it('names no code twice among classes', () => {
    const codes = declared.map(({ code }) => code)
    expect(codes.filter((code, i) => codes.indexOf(code) !== i && code !== SHARED)).toEqual([])
  })
})

describe('isScytheError', () => {
  const error: unknown = new RunNotFoundError('energy/v9.0.0', 'file:///runs', ['energy/v1.0.0'])

  it('narrows to the fields of a code', () => {
    if (!isScytheError(error, 'RUN_NOT_FOUND')) throw new Error('It is not narrowed.')
    expectTypeOf(error).toEqualTypeOf<RunNotFoundError>()
    expect(error.similar).toEqual(['energy/v1.0.0'])
    expect(isScytheError(error)).toBe(true)
    expect(isScytheError(error, 'STORE_UNUSABLE')).toBe(false)
  })

  it('knows errors of another copy of the package', async () => {
    const other: typeof import('../../src/index.js') = await import(join(root, 'dist/index.js'))
    const foreign: unknown = await other.openRun(other.openStore(join(root, 'no-such-folder')), 'none').catch((e) => e)
    expect(foreign).not.toBeInstanceOf(ScytheError)
    expect(isScytheError(foreign)).toBe(true)
    expect(faultOf(foreign)).toBe('input')
  })

  it('is false for what only looks like one', () => {
    for (const value of [null, undefined, 'RUN_NOT_FOUND', { code: 'RUN_NOT_FOUND' }, new Error('no')])
      expect(isScytheError(value)).toBe(false)
  })
})

describe('faults', () => {
  it('are none of codes that are not in the catalogue', () => {
    expect(faultOf({ code: 'ENOENT' })).toBeUndefined()
    expect(faultOf({ code: 'toString' })).toBeUndefined()
    expect(faultOf(undefined)).toBeUndefined()
  })

  it('name the refusals that another worker may take', () => {
    const codes = Object.keys(ERROR_CODES).filter((code) => isRefusal({ code }))
    expect(codes.sort()).toEqual(['EXPERIMENT_NOT_LOADED', 'LABEL_MISSING', 'SCHEMAS_DIFFER'])
  })
})
