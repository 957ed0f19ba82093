import { fileURLToPath } from 'node:url'
import type { Hatchet } from '../engine/hatchet.js'
import { startWorker, type WorkerOptions, type WorkerProcess } from '../worker.js'
import { python } from './environment.js'

const WORKER = fileURLToPath(new URL('worker.py', import.meta.url))

/** A worker of Python Scythe with the experiments of a Python file. Stopping it ends what it does. */
export async function startPythonWorker(
  engine: Pick<Hatchet, 'apiUrl' | 'token'>,
  experiments: string,
  { purpose, ...options }: WorkerOptions & { readonly purpose: 'interop' | 'bench' },
): Promise<WorkerProcess> {
  return startWorker(engine, [await python(purpose), WORKER, experiments], 'QUIT', options)
}
