import { VersionInvalidError } from './errors.js'

/** A semantic version, such as `v1.2.3`. */
export interface Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
}

/**
 * The way in which a run's version follows from the existing ones. The first is v1.0.0. `keep` adds
 * a run to the latest version.
 */
export type VersionStrategy = 'bumpmajor' | 'bumpminor' | 'bumppatch' | 'keep'

const FIRST_VERSION: Version = { major: 1, minor: 0, patch: 0 }

/**
 * Parses `v1.2.3`, and `v1-2-3`, which Python Scythe also accepts. Returns `undefined` for any
 * other text.
 */
export function parseVersion(text: string): Version | undefined {
  const match = /^v(\d+)(?:([.-])(\d+)(?:\2(\d+))?)?$/.exec(text)
  if (!match) return undefined
  const [major, minor, patch] = [Number(match[1]), Number(match[3] ?? 0), Number(match[4] ?? 0)]
  // The next version has to be another number.
  return [major, minor, patch].every((part) => part < Number.MAX_SAFE_INTEGER) ? { major, minor, patch } : undefined
}

/**
 * Parses a version like `parseVersion`, but throws `VersionInvalidError` if the text is not a
 * version.
 */
export function readVersion(text: string): Version {
  const version = parseVersion(text)
  if (!version) throw new VersionInvalidError(text)
  return version
}

export function formatVersion({ major, minor, patch }: Version): string {
  return `v${major}.${minor}.${patch}`
}

export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch
}

/**
 * Returns the version of a new run. `wanted` is a strategy or an exact version; `latest` is the
 * latest existing version.
 */
export function nextVersion(wanted: VersionStrategy | (string & {}), latest: Version | undefined): Version {
  switch (wanted) {
    case 'bumpmajor':
      return latest ? { major: latest.major + 1, minor: 0, patch: 0 } : FIRST_VERSION
    case 'bumpminor':
      return latest ? { ...latest, minor: latest.minor + 1, patch: 0 } : FIRST_VERSION
    case 'bumppatch':
      return latest ? { ...latest, patch: latest.patch + 1 } : FIRST_VERSION
    case 'keep':
      return latest ?? FIRST_VERSION
    default:
      return readVersion(wanted)
  }
}
