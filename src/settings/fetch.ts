import { isIP, isIPv6 } from 'node:net'
import { makeExactValidator } from 'envalid'
import { parseBytes } from './bytes.js'
import { duration, type Environment, readEnvironment } from './environment.js'

/** Addresses that are not the internet's, by what they are. */
export const ADDRESS_KINDS = ['loopback', 'private', 'link-local', 'metadata'] as const
export type AddressKind = (typeof ADDRESS_KINDS)[number]

/** What input files may be fetched from, and at what cost. */
export interface FetchSettings {
  /** Kinds of addresses, addresses, networks (`10.1.0.0/16`) and hosts that may be fetched from besides the internet. */
  readonly allow: readonly string[]
  /** Bytes of one file at most, after it was unpacked. */
  readonly maxSize: number
  /** How long the fetch of one file may take in all, in ms. */
  readonly timeout: number
  /** `host:port` of the S3 server that is configured, which is always allowed. */
  readonly s3: string | undefined
}

const allowed = makeExactValidator<readonly string[]>((text) => {
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

const size = makeExactValidator<number>((text) => {
  const bytes = parseBytes(text)
  if (bytes) return bytes
  throw new Error('a size such as "512MB" or "20GB"')
})

export const FETCH_VARIABLES = {
  SCYTHE_FETCH_ALLOW: allowed({ default: [] }),
  SCYTHE_FETCH_MAX_SIZE: size({ default: 10e9 }),
  SCYTHE_FETCH_TIMEOUT: duration({ default: 3_600_000 }),
}

/** Throws `SettingsInvalidError` with every variable that is wrong. */
export function fetchSettings(env: Environment): FetchSettings {
  const values = readEnvironment(FETCH_VARIABLES, env)
  return {
    allow: values.SCYTHE_FETCH_ALLOW,
    maxSize: values.SCYTHE_FETCH_MAX_SIZE,
    timeout: values.SCYTHE_FETCH_TIMEOUT,
    s3: hostOf(env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL),
  }
}

/** The same for addresses that the user of this process names, who may name what this machine reaches. */
export function ownFetchSettings(env: Environment): FetchSettings {
  const settings = fetchSettings(env)
  return { ...settings, allow: [...settings.allow, 'loopback', 'private'] }
}

function hostOf(endpoint: string | undefined): string | undefined {
  if (!endpoint || !URL.canParse(endpoint)) return undefined
  const { hostname, port, protocol } = new URL(endpoint)
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`
}
