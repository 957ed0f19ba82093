import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Dispatcher, fetch } from 'undici'
import type { FetchSettings } from '../../settings/fetch.js'
import { localPathOf, schemeOf } from '../../store/address.js'
import { StoreUnusableError } from '../../store/errors.js'
import { createAttempt } from '../../store/patience.js'
import { FileUnavailableError } from '../errors.js'
import { AddressRefusedError, createFetchGuard } from './guard.js'
import { countBytes, createFetchClock, type FetchClock } from './limits.js'

/** Time in ms to wait for a server that is unavailable, because it may never come back. */
const PATIENCE_MS = 60_000

export interface FetchOptions extends FetchSettings {
  readonly signal?: AbortSignal
  /**
   * Time in ms after which a server that sends nothing, or next to nothing, has failed. Default:
   * 60,000.
   */
  readonly silence?: number
}

/**
 * Fetches the content of an `http(s)://` address to `path`, which appears only when it is complete,
 * and resolves with `path`. Resolves with the local path of a `file://` address or a path. Rejects
 * with `FileUnavailableError` (code `FILE_UNAVAILABLE`).
 */
export async function fetchUri(uri: string, path: string, options: FetchOptions): Promise<string> {
  const scheme = schemeOf(uri)
  const local = localPathOf(uri)
  if (local !== undefined) return local
  if (scheme === 'file') throw new FileUnavailableError(uri, 'it is not the URL of a file on this machine.')
  if ((scheme !== 'http' && scheme !== 'https') || !URL.canParse(uri)) {
    throw new FileUnavailableError(uri, 'only http, https and file addresses can be fetched here.')
  }
  const { origin } = new URL(uri)
  const { signal } = options
  const clock = createFetchClock(options)
  const waiting = signal ? AbortSignal.any([signal, clock.signal]) : clock.signal
  const attempt = createAttempt(origin, { limit: PATIENCE_MS, signal: waiting })
  try {
    await attempt(() =>
      download(uri, path, options, clock).catch((error) => {
        throw outageOf(origin, error)
      }),
    )
    return path
  } catch (error) {
    signal?.throwIfAborted()
    if (clock.signal.aborted) throw new FileUnavailableError(uri, clock.signal.reason.message, { cause: error })
    if (error instanceof FileUnavailableError) throw error
    throw new FileUnavailableError(uri, reasonOf(error), { cause: error })
  } finally {
    clock.stop()
  }
}

/** Thrown if a server's answer may be temporary. */
class BusyError extends Error {
  constructor(
    readonly status: string,
    readonly retryAfter: number | undefined,
  ) {
    super(`the server answered ${status}.`)
  }
}

/**
 * Returns temporary failures as outages, which are retried as those of stores are; returns any
 * other error unchanged. An unknown name is not temporary.
 */
function outageOf(origin: string, error: unknown): unknown {
  if (error instanceof FileUnavailableError) return error
  const { cause, code = (cause as NodeJS.ErrnoException | undefined)?.code } = error as NodeJS.ErrnoException
  const isBusy = error instanceof BusyError
  if (!isBusy && !/^(E(?!NOTFOUND)[A-Z]+|UND_ERR_[A-Z_]+|SILENT)$/.test(code ?? '')) return error
  return new StoreUnusableError(origin, reasonOf(error), {
    trouble: 'outage',
    reason: isBusy ? error.status : code!,
    retryAfter: isBusy ? error.retryAfter : undefined,
    cause: error,
  })
}

async function download(uri: string, path: string, options: FetchOptions, clock: FetchClock): Promise<void> {
  const watch = clock.watch()
  const partial = join(dirname(path), `.${crypto.randomUUID()}.partial`)
  // Imported on use, because every process of a pool loads this file, and few fetch anything.
  const [{ fetch }, { createFetchAgent }] = await Promise.all([import('undici'), import('./agent.js')])
  const agent = createFetchAgent(createFetchGuard(options))
  const signal = AbortSignal.any([watch.signal, clock.signal, ...(options.signal ? [options.signal] : [])])
  try {
    const response = await fetch(...requestOf(uri, agent, signal))
    const status = `${response.status} ${response.statusText}`.trim()
    if (response.status >= 500 || response.status === 429) {
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
      throw new BusyError(status, seconds > 0 ? seconds * 1000 : undefined)
    }
    if (!response.ok || !response.body) throw new FileUnavailableError(uri, `the server answered ${status}.`)
    await mkdir(dirname(path), { recursive: true })
    // Created before anything can fail, because it could otherwise appear after its removal.
    const file = await open(partial, 'w')
    const counted = countBytes(uri, options.maxSize, watch)
    await pipeline(Readable.fromWeb(response.body), counted, file.createWriteStream(), { signal })
    await rename(partial, path)
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    watch.stop()
    await agent.destroy()
    await rm(partial, { force: true })
  }
}

/**
 * Returns the arguments of `fetch`. The name and password of an address go into a header, which
 * redirections to other servers do not receive.
 */
function requestOf(uri: string, dispatcher: Dispatcher, signal: AbortSignal): Parameters<typeof fetch> {
  const url = new URL(uri)
  const { username, password } = url
  url.username = ''
  url.password = ''
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  const headers = username || password ? { authorization: `Basic ${login}` } : {}
  return [url, { dispatcher, signal, headers }]
}

/**
 * Returns the reason of a failure. `fetch` reports only "fetch failed"; the reason is in its cause.
 */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  if (cause instanceof AddressRefusedError) return cause.message
  return cause instanceof Error ? `${message}: ${cause.message || (cause as NodeJS.ErrnoException).code}` : message
}
