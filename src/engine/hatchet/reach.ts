import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { ScytheError } from '../../errors.js'
import { within } from '../../scatter/promises.js'
import type { Engine } from '../engine.js'
import { EngineUnavailableError } from '../errors.js'

/** An engine that is there answers within this when it is first asked, in ms. */
const MEET_MS = 15_000
/** REST sets no limit itself. */
const ANSWER_MS = 4_000

/** What REST answers, in good time. */
export function answered<T>(request: Promise<T>, ms = ANSWER_MS): Promise<T> {
  return within(ms, request, () => {
    throw new Error(`no answer within ${ms / 1000} s`)
  })
}

/** Asks the engine for something, and says which engine it was where that fails. */
export type Reach = <T>(ask: () => Promise<T>) => Promise<T>

/**
 * The first time it looks whether the engine is there at all, so that a wrong address is known at once. What is asked of one that was
 * there is tried again for some while, as it may be starting anew.
 */
export function createReach(client: HatchetClient, engine: Engine['name']): Reach {
  let met: Promise<unknown> | undefined

  async function meet(): Promise<void> {
    const { host_port, api_url } = client.config
    // REST first: it answers at once, and tells a token that is refused from an engine that is away.
    await meetAt(api_url, 'HATCHET_CLIENT_API_URL', client.tenant.get())
    await meetAt(host_port, 'HATCHET_CLIENT_HOST_PORT', client.dispatcher.getVersion())
  }

  async function meetAt(address: string, variable: string, asked: Promise<unknown>): Promise<void> {
    try {
      await answered(asked, MEET_MS)
    } catch (cause) {
      const { message } = cause as Error
      const reason = refusal(address, message) ?? unanswered(engine, address, variable, message)
      throw new EngineUnavailableError(engine, reason, { cause })
    }
  }

  return async (ask) => {
    met ??= meet()
    try {
      await met
    } catch (error) {
      met = undefined
      throw error
    }
    try {
      return await ask()
    } catch (cause) {
      if (cause instanceof ScytheError) throw cause
      const { message, isAxiosError } = cause as Error & { isAxiosError?: boolean }
      const address = isAxiosError ? client.config.api_url : client.config.host_port
      throw new EngineUnavailableError(engine, refusal(address, message) ?? `${address}: ${message}`, { cause })
    }
  }
}

function refusal(address: string, message: string): string | undefined {
  if (!/UNAUTHENTICATED|status code 40[13]/.test(message)) return undefined
  return `${address} refuses the token (${message}). Set HATCHET_CLIENT_TOKEN to one of this engine that has not ended.`
}

function unanswered(engine: Engine['name'], address: string, variable: string, message: string): string {
  if (/wrong version number/.test(message)) {
    return `${address} does not speak TLS. Set HATCHET_CLIENT_TLS_STRATEGY=none where the network is one that you trust.`
  }
  const [, why = message] = /Last error: (?:Error: )?(.*?)\. Resolution note/.exec(message) ?? []
  const way =
    engine === 'embedded'
      ? 'Start the worker in this folder again.'
      : `See that it runs there, or set ${variable} to where it does.`
  return `${address} does not answer (${why}). ${way}`
}
