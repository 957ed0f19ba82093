import { Worker } from 'node:worker_threads'
import { WATCHDOG_OFFSET } from './status-file.js'

export interface Watchdog {
  /** From now on the process ends where its resident memory is over `bytes`. */
  limitMemory(bytes: number): void
}

/**
 * Ends this process, with all that it started, when its parent is gone or its memory is over the limit. A thread of its own,
 * so that user code that never yields does not keep it from looking.
 */
export function startWatchdog(options: {
  readonly parentPid: number
  readonly statusFd: number
  /** Removed when the parent is gone, since it can no longer do so itself. */
  readonly poolFolder: string
}): Watchdog {
  const workerData = { ...options, offset: WATCHDOG_OFFSET, intervalMs: INTERVAL_MS }
  const worker = new Worker(SOURCE, { eval: true, workerData, execArgv: [], env: {} })
  worker.unref()
  return { limitMemory: (bytes) => worker.postMessage(bytes) }
}

const INTERVAL_MS = 100

/** As text: a thread that runs a file would need this file's transforms where the package runs from source. */
const SOURCE = `
const { rmSync, writeSync } = require('node:fs')
const { parentPort, workerData } = require('node:worker_threads')
const { parentPid, statusFd, poolFolder, offset, intervalMs } = workerData
let limit = Infinity
parentPort.on('message', (bytes) => { limit = bytes })
setInterval(() => {
  if (process.ppid !== parentPid) {
    try { rmSync(poolFolder, { recursive: true, force: true }) } catch {}
    process.kill(-process.pid, 'SIGKILL')
  }
  const used = process.memoryUsage.rss()
  if (used > limit) {
    writeSync(statusFd, Float64Array.of(used, limit), 0, 16, offset)
    process.kill(-process.pid, 'SIGKILL')
  }
}, intervalMs)
`
