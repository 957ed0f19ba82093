import { fileURLToPath } from 'node:url'
import type { Hatchet } from '../../tools/engine/hatchet.js'
import { startWorker, type WorkerOptions, type WorkerProcess } from '../../tools/worker.js'

const COMMAND_LINE = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** `scythe worker <module>`. Stopping it has it drain. */
export function startScytheWorker(engine: Hatchet, module: string, options: WorkerOptions): Promise<WorkerProcess> {
  return startWorker(engine, [process.execPath, COMMAND_LINE, 'worker', module], 'INT', options)
}
