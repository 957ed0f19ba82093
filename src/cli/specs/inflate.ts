import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ZstdUnpacker } from '../../table/zstd.js'

const GZIP = [0x1f, 0x8b]
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd]
/**
 * Decompresses gzip or zstd as it comes, which it recognizes by the first bytes, whatever the name
 * of the file. Other bytes stay as they are.
 */
export async function* inflate(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]()
  let head: Uint8Array = Buffer.alloc(0)
  while (head.length < ZSTD.length) {
    const { done, value } = await source.next()
    if (done) break
    head = Buffer.concat([head, value])
  }
  async function* whole() {
    yield head
    for await (const chunk of { [Symbol.asyncIterator]: () => source }) yield chunk
  }
  if (startsWith(head, GZIP)) yield* gunzip(whole())
  else if (startsWith(head, ZSTD)) yield* unzstd(whole())
  else yield* whole()
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, i) => bytes[i] === byte)
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    // The reader of the stream gets the error.
    yield* pipeline(Readable.from(chunks), createGunzip(), () => {})
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (!code?.startsWith('Z_')) throw cause
    throw new Error(code === 'Z_BUF_ERROR' ? 'its gzip is cut off.' : `its gzip is damaged (${message}).`, { cause })
  }
}

async function* unzstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacker = new ZstdUnpacker()
  for await (const chunk of chunks) yield* unpacker.push(chunk)
  yield* unpacker.end()
}
