import { Worker } from 'node:worker_threads'
import { DIRTY, FLAGS_BYTES, LOCK, OWN_BYTES, type SharedStatus, WATCHED } from '../status-file.js'

export interface Watchdog {
  /** Kills the process from now on if its resident memory exceeds `bytes`. */
  limitMemory(bytes: number): void
  /**
   * Returns the time in ms, up to `now`, for which this process with all its threads was stopped
   * since it was started.
   */
  stopped(now: number): number
}

/**
 * Starts a thread that kills this process, with everything that it started, when its parent is gone
 * or its memory exceeds the limit. The thread also writes status that the process has not written.
 * It is a separate thread, so that user code that never yields does not block it.
 */
export function startWatchdog(options: {
  readonly parentPid: number
  readonly status: SharedStatus
  /** The folder to remove when the parent is gone, because the parent can no longer remove it. */
  readonly poolFolder: string
}): Watchdog {
  const clock = new Float64Array(new SharedArrayBuffer(16))
  const layout = { LOCK, DIRTY, WATCHED, FLAGS_BYTES, OWN_BYTES }
  const workerData = { ...options, layout, intervalMs: INTERVAL_MS, lateMs: LATE_MS, clock }
  const worker = new Worker(SOURCE, { eval: true, workerData, execArgv: [], env: {} })
  worker.unref()
  return {
    limitMemory: (bytes) => worker.postMessage(bytes),
    stopped(now) {
      const lookedAt = clock[0]!
      // The calling thread may be the first to run again.
      return clock[1]! + (lookedAt > 0 && now - lookedAt > LATE_MS ? now - lookedAt : 0)
    },
  }
}

const INTERVAL_MS = 100
/** Delay in ms after which a check counts as late: nothing in this process could run. */
const LATE_MS = 1_000

/**
 * The thread's code as text: a thread that runs a file would need the transforms of this file if
 * the package runs from source.
 */
const SOURCE = `
const { openSync, readSync, rmSync, writeSync } = require('node:fs')
const { parentPort, workerData } = require('node:worker_threads')
const { parentPid, status, poolFolder, layout, intervalMs, lateMs, clock } = workerData
const { LOCK, DIRTY, WATCHED, FLAGS_BYTES, OWN_BYTES } = layout
const flags = new Int32Array(status.memory, 0, FLAGS_BYTES / 4)
const values = new Float64Array(status.memory, FLAGS_BYTES)
let limit = Infinity
parentPort.on('message', (bytes) => { limit = bytes })
// If the process holds the lock, it writes by itself.
function flush() {
  if (Atomics.compareExchange(flags, LOCK, 0, 1) !== 0) return
  try {
    if (flags[DIRTY] === 1) writeSync(status.fd, values, 0, OWN_BYTES, 0)
    flags[DIRTY] = 0
    flags[WATCHED] = 1
  } catch {
    // Users' code closed it.
    flags[WATCHED] = 0
  } finally {
    Atomics.store(flags, LOCK, 0)
    Atomics.notify(flags, LOCK)
  }
}
// Of Linux, kept open: a look takes no other file, of which users' code may have opened all that there are. With stdout or stderr closed,
// Node's own look would open their number, and abort.
const STATM = /^\\d+ (\\d+) \\d+ \\d+ \\d+ \\d+ \\d+\\n$/
const text = Buffer.alloc(128)
let statm, pageSize
function pages() {
  const [, resident] = STATM.exec(text.latin1Slice(0, readSync(statm, text, 0, text.length, 0)))
  return Number(resident)
}
try {
  statm = openSync('/proc/self/statm', 'r')
  pageSize = 2 ** Math.round(Math.log2(process.memoryUsage.rss() / pages()))
} catch {}
function memoryUsed() {
  if (pageSize === undefined) return process.memoryUsage.rss()
  try {
    return pages() * pageSize
  } catch {
    // Users' code closed it.
    try { statm = openSync('/proc/self/statm', 'r') } catch {}
    return 0
  }
}
setInterval(() => {
  flush()
  const now = Number(process.hrtime.bigint()) / 1e6
  if (clock[0] > 0 && now - clock[0] > lateMs) clock[1] += now - clock[0]
  clock[0] = now
  if (process.ppid !== parentPid) {
    try { rmSync(poolFolder, { recursive: true, force: true, maxRetries: 5 }) } catch {}
    process.kill(-process.pid, 'SIGKILL')
  }
  const used = memoryUsed()
  if (used > limit) {
    writeSync(status.fd, Float64Array.of(used, limit), 0, 16, OWN_BYTES)
    process.kill(-process.pid, 'SIGKILL')
  }
}, intervalMs)
`
