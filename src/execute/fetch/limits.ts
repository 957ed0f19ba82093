import { Transform } from 'node:stream'
import type { FetchSettings } from '../../settings/fetch.js'
import { FileUnavailableError } from '../errors.js'
import { runningTime } from '../running-time.js'
import { monotonicNow } from '../status-file.js'

const SILENCE_MS = 60_000
/**
 * Minimum number of bytes that a server must send within the silence limit: with less, the fetch
 * holds a slot for nothing.
 */
const LEAST_BYTES = 10_000

/**
 * Watches one request. Its signal aborts when the server sends nothing, or next to nothing, for the
 * silence limit.
 */
export interface FetchWatch {
  readonly signal: AbortSignal
  received(bytes: number): void
  stop(): void
}

/** The time limit for the fetch of a file, with all its requests. */
export interface FetchClock {
  /** Aborts when the time is up. */
  readonly signal: AbortSignal
  watch(): FetchWatch
  stop(): void
}

export function createFetchClock({
  timeout,
  silence = SILENCE_MS,
}: Pick<FetchSettings, 'timeout'> & { readonly silence?: number }): FetchClock {
  const over = new AbortController()
  const timer = afterRunning(timeout, () => over.abort(new Error(`it took longer than ${timeout / 1000} s.`)))
  return {
    signal: over.signal,
    watch() {
      const quiet = new AbortController()
      let bytes = 0
      const look = () => {
        if (bytes === 0) quiet.abort(silent(silence))
        else if (bytes < LEAST_BYTES) quiet.abort(slow(silence))
        bytes = 0
        window = afterRunning(silence, look)
      }
      let window = afterRunning(silence, look)
      return {
        signal: quiet.signal,
        received: (count) => {
          bytes += count
        },
        stop: () => window.stop(),
      }
    },
    stop: () => timer.stop(),
  }
}

/** Calls `act` when this process has run for `ms`. */
function afterRunning(ms: number, act: () => void): { stop(): void } {
  const from = monotonicNow()
  let timer = setTimeout(look, ms)
  function look() {
    const left = ms - runningTime().since(from)
    if (left > 0) timer = setTimeout(look, left)
    else act()
  }
  return { stop: () => clearTimeout(timer) }
}

function silent(ms: number): Error {
  return Object.assign(new Error(`nothing came for ${ms / 1000} s.`), { code: 'SILENT' })
}

function slow(ms: number): Error {
  return new Error(`less than ${LEAST_BYTES / 1000} kB came in ${ms / 1000} s.`)
}

/**
 * Creates a stream that passes a file's content on and counts its bytes. Fails if there are more
 * than `most`.
 */
export function countBytes(uri: string, most: number, watch: FetchWatch): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length
      watch.received(chunk.length)
      if (bytes <= most) return done(null, chunk)
      done(new FileUnavailableError(uri, `it has more than ${most} bytes, unpacked (SCYTHE_FETCH_MAX_SIZE).`))
    },
  })
}
