import { accessSync, constants } from 'node:fs'
import { resolve } from 'node:path'
import { startEmbeddedSidecar } from '@hatchet-dev/typescript-sdk/v1/embedded.js'
import { leaveConnection, removeConnection } from './connection.js'
import type { Engine } from './engine.js'
import { EngineUnavailableError } from './errors.js'
import { createHatchetEngine } from './hatchet.js'

/** Its data stays, so that runs go on when it is started again. */
const DATA_FOLDER = '.scythe/postgres'

/**
 * Starts a Hatchet engine beside this process, with which it ends, and leaves the way to it where others that are started in this
 * folder look. Throws `EngineUnavailableError` where its program or its database cannot be had.
 */
export async function startEmbeddedEngine(): Promise<Engine> {
  const sidecar = await startSidecar().catch((cause: Error) => {
    const ways =
      'Set HATCHET_CLIENT_TOKEN to use an engine that is there, run one with Docker (ghcr.io/hatchet-dev/hatchet/hatchet-lite), ' +
      'or do without: SCYTHE_ENGINE=local and `scythe run`.'
    throw new EngineUnavailableError(
      'embedded',
      `its program cannot be fetched or started (${cause.message}). ${ways}`,
      { cause },
    )
  })
  leaveConnection(sidecar)
  const engine = createHatchetEngine({ connection: sidecar, name: 'embedded' })
  return {
    ...engine,
    async close() {
      removeConnection()
      // A terminal's Ctrl-C reaches the engine as well: it may be gone before us.
      await engine.close().finally(() => sidecar.stop())
    },
  }
}

async function startSidecar() {
  // The SDK starts it without listening for what goes wrong there, which would end this process.
  const program = process.env.HATCHET_CLIENT_EMBEDDED_BINARY_PATH
  if (program) accessSync(program, constants.X_OK)
  return startEmbeddedSidecar({ postgresDataDir: resolve(DATA_FOLDER) })
}
