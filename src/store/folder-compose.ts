import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { RangeInvalidError } from './errors.js'
import { type FolderPlace, reading, writing } from './folder-errors.js'
import { checkKey, checkRange } from './key.js'
import type { Piece } from './store.js'

const BUFFER_BYTES = 1024 * 1024
const OPEN_SOURCES = 64

/**
 * Writes pieces one after the other into a file, through one buffer. Resolves with the number of
 * bytes written.
 */
export async function writePieces(
  place: FolderPlace,
  key: string,
  file: FileHandle,
  pieces: Iterable<Piece> | AsyncIterable<Piece>,
): Promise<number> {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  const sources = new Map<string, FileHandle>()
  let filled = 0
  let written = 0
  try {
    for await (const piece of pieces) {
      if (piece instanceof Uint8Array) await addBytes(piece)
      else await addRange(piece.key, piece.start, piece.end)
    }
    await flush()
    return written
  } finally {
    for (const source of sources.values()) await source.close()
  }

  async function addBytes(bytes: Uint8Array): Promise<void> {
    if (filled + bytes.length > buffer.length) await flush()
    if (bytes.length > buffer.length) return await write(bytes)
    buffer.set(bytes, filled)
    filled += bytes.length
  }

  async function addRange(from: string, start: number, end: number): Promise<void> {
    checkRange(from, start, end)
    if (start === end) return
    const source = await openSource(from)
    for (let position = start; position < end; ) {
      if (filled === buffer.length) await flush()
      const length = Math.min(end - position, buffer.length - filled)
      const { bytesRead } = await reading(place, from, () => source.read(buffer, filled, length, position))
      if (bytesRead === 0) throw new RangeInvalidError(from, start, end)
      filled += bytesRead
      position += bytesRead
    }
  }

  async function flush(): Promise<void> {
    await write(buffer.subarray(0, filled))
    filled = 0
  }

  async function write(bytes: Uint8Array): Promise<void> {
    await writeAt(place, key, file, bytes, written)
    written += bytes.length
  }

  /**
   * Opens a source object. Ranges of many objects may alternate, so the last few files stay open.
   */
  async function openSource(from: string): Promise<FileHandle> {
    const known = sources.get(from)
    if (known) return known
    const source = await reading(place, from, () => open(join(place.root, checkKey(from))))
    if (sources.size === OPEN_SOURCES) {
      for (const [oldest, handle] of sources) {
        sources.delete(oldest)
        await handle.close()
        break
      }
    }
    sources.set(from, source)
    return source
  }
}

/**
 * Writes bytes at a position. A failed write is repeated at its own position, and a short write is
 * continued.
 */
export async function writeAt(
  place: FolderPlace,
  key: string,
  file: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await writing(place, key, () =>
      file.write(bytes, done, bytes.length - done, position + done),
    )
    done += bytesWritten
  }
}
