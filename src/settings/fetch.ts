import { isIP, isIPv6 } from 'node:net'
import { type Environment, readSettings, settingType } from './environment.js'
import { duration, size } from './types.js'

/** The kinds of addresses outside the public internet. */
export const ADDRESS_KINDS = ['loopback', 'private', 'link-local', 'metadata'] as const
export type AddressKind = (typeof ADDRESS_KINDS)[number]

const allowed = settingType<readonly string[]>((text) => {
  const entries = text.split(',').map((entry) => entry.trim().toLowerCase())
  if (entries.every(isEntry)) return entries
  throw new Error(`${ADDRESS_KINDS.join(', ')}, addresses, networks such as 10.1.0.0/16, or hosts, separated by commas`)
})

function isEntry(entry: string): boolean {
  const [address = '', prefix] = entry.split('/')
  if (prefix !== undefined)
    return isIP(address) > 0 && /^\d+$/.test(prefix) && Number(prefix) <= (isIPv6(address) ? 128 : 32)
  return isIP(entry) > 0 || (/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(entry) && !/^[\d.]+$/.test(entry))
}

export const FETCH_SETTINGS = {
  fetchAllow: allowed({
    variable: 'SCYTHE_FETCH_ALLOW',
    default: [],
    otherwise: 'none',
    doc: 'kinds of addresses, addresses, networks and hosts besides the internet that [input files](inputs.md) may come from',
  }),
  fetchMaxSize: size({
    variable: 'SCYTHE_FETCH_MAX_SIZE',
    default: 10e9,
    doc: 'bytes of one fetched file at most, after it was unpacked',
  }),
  fetchTimeout: duration({
    variable: 'SCYTHE_FETCH_TIMEOUT',
    default: 3_600_000,
    doc: 'how long the fetch of one file may take in all; never longer than its spec may',
  }),
}

/** Limits for fetching input files. */
export interface FetchSettings {
  /** The sources from which files may be fetched, besides the public internet. */
  readonly allow: readonly string[]
  /** The maximum size of a file, in bytes. */
  readonly maxSize: number
  /** The time limit of a fetch, in ms. */
  readonly timeout: number
  /** `host:port` of the configured S3 server, which is always allowed. */
  readonly s3: string | undefined
}

/**
 * Returns the limits from the environment. Throws `SettingsInvalidError` with every invalid
 * variable.
 */
export function fetchSettings(env: Environment): FetchSettings {
  const { fetchAllow, fetchMaxSize, fetchTimeout } = readSettings(FETCH_SETTINGS, env)
  const s3 = hostOf(env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL)
  return { allow: fetchAllow, maxSize: fetchMaxSize, timeout: fetchTimeout, s3 }
}

/**
 * Returns the limits for addresses that come from the user of this process, who can reach
 * everything that this machine can reach.
 */
export function ownFetchSettings(env: Environment): FetchSettings {
  const settings = fetchSettings(env)
  return { ...settings, allow: [...settings.allow, 'loopback', 'private'] }
}

function hostOf(endpoint: string | undefined): string | undefined {
  if (!endpoint || !URL.canParse(endpoint)) return undefined
  const { hostname, port, protocol } = new URL(endpoint)
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`
}
