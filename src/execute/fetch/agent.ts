import { lookup as resolveName } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { AddressRefusedError, type FetchGuard } from './guard.js'

/**
 * Creates the agent of one fetch. Every connection, including those for redirections, goes to an
 * address that the guard has allowed: each name is resolved once, and the connection uses the
 * addresses that were checked.
 */
export function createFetchAgent(guard: FetchGuard): Agent {
  return new Agent({
    connect(options, callback) {
      const host = options.hostname.replace(/^\[|\]$/g, '')
      const port = options.port || (options.protocol === 'https:' ? '443' : '80')
      const refused = isIP(host) > 0 ? guard.refusal(host, host, port) : undefined
      if (refused !== undefined) return void callback(new AddressRefusedError(refused), null)
      const connect = buildConnector({ lookup: guardedLookup(guard, port) } as buildConnector.BuildOptions)
      return connect(options, callback)
    },
  })
}

function guardedLookup(guard: FetchGuard, port: string): LookupFunction {
  return (host, options, callback) => {
    resolveName(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0)
      const refusals = found.map(({ address }) => guard.refusal(address, host, port))
      const open = found.filter((_, n) => refusals[n] === undefined)
      const [first] = open
      if (!first) return callback(new AddressRefusedError(refusals[0]), '', 0)
      if (options.all) callback(null, open)
      else callback(null, first.address, first.family)
    })
  }
}
