import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatRunId, parseRunId } from '../../src/run/layout.js'
import { compareVersions, formatVersion, nextVersion, parseVersion } from '../../src/run/versions.js'

const versions = fc.record({ major: fc.nat(999), minor: fc.nat(999), patch: fc.nat(999) })

describe('versions', () => {
  it('parses the versions that it formats', () => {
    fc.assert(
      fc.property(versions, (version) => {
        expect(parseVersion(formatVersion(version))).toEqual(version)
      }),
    )
  })

  it('parses the other form that Python Scythe uses', () => {
    expect(parseVersion('v1-2-3')).toEqual({ major: 1, minor: 2, patch: 3 })
    expect(parseVersion('v2')).toEqual({ major: 2, minor: 0, patch: 0 })
  })

  it.each(['', '1.2.3', 'v', 'v1.2.3.4', 'v1.2-3', 'latest', 'v1.x'])('rejects %j as a version', (text) => {
    expect(parseVersion(text)).toBeUndefined()
  })

  it.each([
    ['bumpmajor', 'v3.0.0'],
    ['bumpminor', 'v2.6.0'],
    ['bumppatch', 'v2.5.8'],
    ['keep', 'v2.5.7'],
    ['v9.9.9', 'v9.9.9'],
  ])('%s after v2.5.7 is %s', (strategy, expected) => {
    expect(formatVersion(nextVersion(strategy, { major: 2, minor: 5, patch: 7 }))).toBe(expected)
  })

  it('begins with v1.0.0', () => {
    for (const strategy of ['bumpmajor', 'bumpminor', 'bumppatch', 'keep']) {
      expect(formatVersion(nextVersion(strategy, undefined))).toBe('v1.0.0')
    }
  })

  it('always bumps to a later version', () => {
    fc.assert(
      fc.property(versions, fc.constantFrom('bumpmajor', 'bumpminor', 'bumppatch'), (version, strategy) => {
        expect(compareVersions(nextVersion(strategy, version), version)).toBeGreaterThan(0)
      }),
    )
  })

  it('rejects by name what is neither a version nor a strategy', () => {
    expect(() => nextVersion('bumpmayor', undefined)).toThrow(/bumppatch or keep, got "bumpmayor"/)
  })
})

describe('run ids', () => {
  it('parses the ids that it formats, to the second', () => {
    const id = {
      base: 'studies/envelope',
      version: { major: 1, minor: 2, patch: 3 },
      time: new Date('2026-11-21T12:45:10Z'),
    }
    expect(formatRunId(id)).toBe('studies/envelope/v1.2.3/2026-11-21_12-45-10')
    expect(parseRunId(formatRunId(id))).toEqual(id)
  })

  it.each(['', 'a/b', 'a/v1.0.0/2026-11-21', 'a/x/2026-11-21_12-45-10', 'a/v1.0.0/2026-13-41_12-45-10'])(
    'rejects %j as a run id',
    (text) => expect(parseRunId(text)).toBeUndefined(),
  )
})
