import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { remember, withTimeout } from '../../../async/promises.js'
import { ScytheError } from '../../../errors.js'
import { EngineUnavailableError } from '../../errors.js'

/** Time limit in ms for the first answer of an available engine. */
const MEET_MS = 15_000
/** Time limit of a REST request in ms, because the client sets none. */
const ANSWER_MS = 4_000
/**
 * Time in ms for which a rejected token is retried: an engine whose database restarts rejects every
 * token for a moment.
 */
const REFUSALS_MS = 3_000
/** Time in ms for which silent gRPC is retried: an engine that starts answers by REST first. */
const SILENCE_MS = 3_000
const PAUSE_MS = 250

/** Waits for the answer to a request. Rejects after `ms`. */
export function answered<T>(request: Promise<T>, ms = ANSWER_MS): Promise<T> {
  return withTimeout(ms, request, () => {
    throw new Error(`no answer within ${ms / 1000} s`)
  })
}

/** Sends a request to the engine. If it fails, rejects with an error that names the engine. */
export type EngineCall = <T>(ask: () => Promise<T>) => Promise<T>

/**
 * Checks that the engine is available and accepts the token. Rejects with `EngineUnavailableError`.
 */
export async function checkReachable(client: HatchetClient, engine: string): Promise<void> {
  const { host_port, api_url } = client.config

  async function meetAt(
    address: string,
    variable: string,
    ask: () => Promise<unknown>,
    refusalsFor: number,
    silenceFor: number,
  ): Promise<void> {
    const begun = Date.now()
    for (;;) {
      try {
        await answered(ask(), MEET_MS)
        return
      } catch (cause) {
        const { message } = cause as Error
        const refused = refusal(address, message)
        if (Date.now() - begun >= (refused === undefined ? silenceFor : refusalsFor)) {
          const reason = refused ?? unanswered(engine, address, variable, message)
          throw new EngineUnavailableError(engine, reason, { cause })
        }
        await sleep(PAUSE_MS)
      }
    }
  }

  // REST comes first: it answers at once, and distinguishes a rejected token from an unavailable
  // engine.
  await meetAt(api_url, 'HATCHET_CLIENT_API_URL', () => client.tenant.get(), REFUSALS_MS, 0)
  // The token is known to be valid, and an engine that starts may listen here a moment later.
  await meetAt(host_port, 'HATCHET_CLIENT_HOST_PORT', () => client.dispatcher.getVersion(), MEET_MS, SILENCE_MS)
}

/**
 * Creates a function that sends requests. The first call checks that the engine is available, so
 * that a wrong address is reported at once. The SDK retries later requests for some time, because
 * the engine may be restarting.
 */
export function createEngineCall(client: HatchetClient, engine: string): EngineCall {
  const meet = remember(() => checkReachable(client, engine))
  return async (ask) => {
    await meet()
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

function unanswered(engine: string, address: string, variable: string, message: string): string {
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
