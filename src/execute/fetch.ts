import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { FileUnavailableError } from './errors.js'

/** Tries in all, where a server or the network fails; each wait is twice the one before. */
const TRIES = 4
const FIRST_WAIT_MS = 250
/** A server that sends nothing for this long has failed. */
const SILENCE_MS = 60_000

/**
 * Brings the content of an `http(s)://` address to `path`, which appears only when it is complete, and gives `path`. A `file://`
 * address or a path is given back as the local path that it is. Throws `FileUnavailableError` (code `FILE_UNAVAILABLE`).
 */
export async function fetchUri(uri: string, path: string): Promise<string> {
  if (uri.startsWith('file://')) return fileURLToPath(uri)
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(uri)) return uri
  if (!/^https?:/i.test(uri))
    throw new FileUnavailableError(uri, 'only http, https and file addresses can be fetched here.')
  for (let tries = 1; ; tries++) {
    try {
      await download(uri, path)
      return path
    } catch (error) {
      const final = error instanceof FileUnavailableError
      if (final || tries === TRIES)
        throw final ? error : new FileUnavailableError(uri, reasonOf(error), { cause: error })
      await sleep(FIRST_WAIT_MS * 2 ** (tries - 1))
    }
  }
}

async function download(uri: string, path: string): Promise<void> {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(new Error(`nothing came for ${SILENCE_MS / 1000} s.`)), SILENCE_MS)
  const partial = `${path}.partial-${crypto.randomUUID()}`
  try {
    const response = await fetch(uri, { signal: silence.signal })
    const status = `the server answered ${response.status} ${response.statusText}`.trim()
    if (response.status >= 500 || response.status === 429) throw new Error(`${status}.`)
    if (!response.ok || !response.body) throw new FileUnavailableError(uri, `${status}.`)
    await mkdir(dirname(path), { recursive: true })
    // It is there before anything can fail, or it might come after it was removed.
    const file = await open(partial, 'w')
    const body = Readable.fromWeb(response.body).on('data', () => timer.refresh())
    await pipeline(body, file.createWriteStream())
    await rename(partial, path)
  } finally {
    clearTimeout(timer)
    await rm(partial, { force: true })
  }
}

/** `fetch` says no more than "fetch failed"; why is in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message || (cause as NodeJS.ErrnoException).code}` : message
}
