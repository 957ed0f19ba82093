import { accessSync, constants } from 'node:fs'
import { resolve } from 'node:path'
import { startEmbeddedSidecar } from '@hatchet-dev/typescript-sdk/v1/embedded.js'
import { leaveConnection, removeConnection } from './connection.js'
import type { Engine } from './engine.js'
import { EngineUnavailableError } from './errors.js'
import { createHatchetEngine } from './hatchet.js'

/**
 * Folder of the engine's database. The data is kept, so that runs continue when the engine is
 * started again.
 */
const DATA_FOLDER = '.scythe/postgres'

/**
 * Starts a Hatchet engine that ends with this process, and stores its connection for other
 * processes in this folder. Rejects with `EngineUnavailableError` if its program or its database is
 * unavailable.
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
      // A Ctrl-C in a terminal also reaches the engine, which may exit before this process.
      await engine.close().finally(() => sidecar.stop())
    },
  }
}

async function startSidecar() {
  // The SDK starts the program without an error listener, so a failure would end this process.
  const program = process.env.HATCHET_CLIENT_EMBEDDED_BINARY_PATH
  if (program) accessSync(program, constants.X_OK)
  return startEmbeddedSidecar({ postgresDataDir: resolve(DATA_FOLDER) })
}
