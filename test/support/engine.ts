import { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { buildEngine, whyNoEngine } from '../../tools/engine/build.js'
import { type Hatchet, startHatchet } from '../../tools/engine/hatchet.js'
import { canRun } from './left-out.js'

export { type Hatchet, startHatchet }

/** Whether suites that need a Hatchet engine can run here, with its programs built; notes the suite as left out where they cannot. */
export async function hasEngine(suite: string): Promise<boolean> {
  return canRun(suite, await whyNoEngine(), buildEngine)
}

/** Makes a client of an engine that logs nothing. */
export function quietClient({ token, grpcAddress, apiUrl }: Hatchet): HatchetClient {
  return HatchetClient.init({
    token,
    host_port: grpcAddress,
    api_url: apiUrl,
    tls_config: { tls_strategy: 'none' },
    // `log_level: 'OFF'` logs everything
    logger: () => ({ debug() {}, info() {}, green() {}, warn() {}, error() {} }),
  })
}
