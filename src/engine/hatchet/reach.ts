import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { ScytheError } from '../../errors.js'
import type { Engine } from '../engine.js'
import { EngineUnavailableError } from '../errors.js'

/** An engine that is there answers within this when it is first asked, in ms. */
const ANSWER_MS = 15_000

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
    await Promise.all([
      answer(host_port, 'HATCHET_CLIENT_HOST_PORT', client.dispatcher.getVersion()),
      answer(api_url, 'HATCHET_CLIENT_API_URL', client.tenant.get()),
    ])
  }

  async function answer(address: string, variable: string, asked: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(reject, ANSWER_MS, new Error(`no answer within ${ANSWER_MS / 1000} s`))
    })
    try {
      await Promise.race([asked, late])
    } catch (cause) {
      throw new EngineUnavailableError(engine, unanswered(engine, address, variable, cause as Error), { cause })
    } finally {
      clearTimeout(timer)
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
      const reason = `${client.config.host_port}: ${(cause as Error).message}`
      throw new EngineUnavailableError(engine, reason, { cause })
    }
  }
}

function unanswered(engine: Engine['name'], address: string, variable: string, { message }: Error): string {
  if (/UNAUTHENTICATED|status code 40[13]/.test(message)) {
    return `${address} refuses the token in HATCHET_CLIENT_TOKEN (${message}). Make a new one there.`
  }
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
