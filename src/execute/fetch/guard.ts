import { BlockList, isIPv6 } from 'node:net'
import { ADDRESS_KINDS, type AddressKind, type FetchSettings } from '../../settings/fetch.js'

/** Thrown if a connection is not allowed. */
export class AddressRefusedError extends Error {}

/** Decides whether a connection is allowed. */
export interface FetchGuard {
  /**
   * Returns why a connection to an address is refused; `undefined` if it is allowed. `host` is the
   * name in the URL that led to the address.
   */
  refusal(address: string, host: string, port: string): string | undefined
}

/** Cloud services that return credentials, apart from the rest of the link-local network. */
const METADATA = [
  '169.254.169.254/32',
  '169.254.170.2/32',
  '169.254.170.23/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::254/128',
  'fd00:ec2::23/128',
  'fd20:ce::254/128',
]

/**
 * Networks that are not part of the internet. The first one that contains an address determines its
 * kind.
 */
const NETWORKS: readonly (readonly [AddressKind, readonly string[]])[] = [
  ['metadata', METADATA],
  ['link-local', ['169.254.0.0/16', 'fe80::/10']],
  // Connections to an address of zeros go to this machine.
  ['loopback', ['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128']],
  [
    'private',
    [
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '100.64.0.0/10',
      '192.0.0.0/24',
      '198.18.0.0/15',
      'fc00::/7',
      'fec0::/10',
    ],
  ],
]
/** Addresses that embed other addresses, and addresses that belong to nobody. */
const UNCLEAR = ['224.0.0.0/4', '240.0.0.0/4', 'ff00::/8', '64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', '2001::/32']

const LISTS = NETWORKS.map(([kind, networks]) => [kind, listOf(networks)] as const)
const UNCLEAR_LIST = listOf(UNCLEAR)

/** Returns the kind of an address; `undefined` for an address of the internet. */
export function addressKind(address: string): AddressKind | 'special' | undefined {
  const found = LISTS.find(([, list]) => has(list, address))
  return found?.[0] ?? (has(UNCLEAR_LIST, address) ? 'special' : undefined)
}

export function createFetchGuard({ allow, s3 }: Pick<FetchSettings, 'allow' | 's3'>): FetchGuard {
  const kinds = new Set(allow.filter((entry) => (ADDRESS_KINDS as readonly string[]).includes(entry)))
  const networks = allow.filter((entry) => /[:/]|^[\d.]+$/.test(entry))
  const listed = listOf(networks.map((entry) => (entry.includes('/') ? entry : `${entry}/${isIPv6(entry) ? 128 : 32}`)))
  const hosts = new Set(allow.filter((entry) => !kinds.has(entry) && !networks.includes(entry)))
  return {
    refusal(address, host, port) {
      const kind = addressKind(address)
      if (kind === undefined || kinds.has(kind) || has(listed, address)) return undefined
      if (`${host}:${port}` === s3) return undefined
      // A name may resolve to another address next time: services that return credentials are
      // allowed by address only.
      if ((kind === 'loopback' || kind === 'private') && hosts.has(host.toLowerCase())) return undefined
      const from = host === address ? address : `${host} (${address})`
      if (kind === 'special') return `${from} is not an address of the internet.`
      return `${from} is a ${kind} address, which is not fetched from unless SCYTHE_FETCH_ALLOW names it (as ${kind}, ${address} or a network).`
    },
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address, prefix] = network.split('/') as [string, string]
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return list
}

function has(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
