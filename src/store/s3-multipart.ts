import type { CompletedPart } from '@aws-sdk/client-s3'
import type { Request } from './s3-client.js'
import { rangeError } from './s3-errors.js'
import type { Part } from './s3-parts.js'

const PARTS_IN_FLIGHT = 4

/**
 * The object to be created, how requests are made, and how other objects of the store are named as
 * sources.
 */
interface UploadTarget {
  readonly Bucket: string
  readonly Key: string
  /**
   * Makes a request, and retries it while the store is unavailable. `source` is the key that the
   * request copies from.
   */
  readonly request: <T>(make: Request<T>, source?: string) => Promise<T>
  /** Makes a request once, with a short time limit. */
  readonly cleanUp: <T>(make: Request<T>) => Promise<T>
  readonly copySource: (key: string) => string
}

/**
 * Creates one object from parts; a single part of bytes is put without a multipart upload. Resolves
 * with the number of bytes. A failure leaves nothing behind.
 */
export async function uploadParts(target: UploadTarget, parts: AsyncIterable<Part>): Promise<number> {
  const { Bucket, Key, request } = target
  let first: Uint8Array | undefined
  let upload: Multipart | undefined
  let bytes = 0
  try {
    for await (const part of parts) {
      bytes += part instanceof Uint8Array ? part.length : part.end - part.start
      const isFirst = upload === undefined && first === undefined
      if (isFirst && part instanceof Uint8Array) {
        first = part
        continue
      }
      if (!upload) {
        upload = await startMultipart(target)
        if (first) await upload.add(first)
      }
      await upload.add(part)
    }
    if (upload) await upload.complete(bytes)
    else await request((client, options) => client.putObject({ Bucket, Key, Body: first ?? new Uint8Array() }, options))
    return bytes
  } catch (error) {
    await upload?.abort()
    throw error
  }
}

interface Multipart {
  /**
   * Waits for room to send the part, not for the part itself: a later call rejects if the part
   * failed.
   */
  add(part: Part): Promise<void>
  /** Completes the upload. `bytes` is the size of the whole object. */
  complete(bytes: number): Promise<void>
  abort(): Promise<void>
}

async function startMultipart({ Bucket, Key, request, cleanUp, copySource }: UploadTarget): Promise<Multipart> {
  const { UploadId } = await request((client, options) => client.createMultipartUpload({ Bucket, Key }, options))
  const inFlight = new Set<Promise<void>>()
  const completed: CompletedPart[] = []
  let count = 0

  return {
    async add(part) {
      const sending = send(part, ++count).then(() => {
        inFlight.delete(sending)
      })
      sending.catch(() => {})
      inFlight.add(sending)
      if (inFlight.size >= PARTS_IN_FLIGHT) await Promise.race(inFlight)
    },

    async complete(bytes) {
      await Promise.all(inFlight)
      const Parts = completed.sort((a, b) => a.PartNumber! - b.PartNumber!)
      const MultipartUpload = { Parts }
      await request((client, options) =>
        client.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload }, options),
      ).catch(async (error) => {
        // Some servers forget an upload that was completed, even if the answer was lost.
        if (error.cause?.name !== 'NoSuchUpload' || (await sizeOfObject()) !== bytes) throw error
      })
    },

    async abort() {
      await Promise.allSettled(inFlight)
      // The caller should get the first error, not this one.
      await cleanUp((client, options) => client.abortMultipartUpload({ Bucket, Key, UploadId }, options)).catch(
        () => {},
      )
    },
  }

  async function sizeOfObject(): Promise<number | undefined> {
    return (await request((client, options) => client.headObject({ Bucket, Key }, options), Key)).ContentLength
  }

  async function send(part: Part, PartNumber: number): Promise<void> {
    const to = { Bucket, Key, UploadId, PartNumber }
    if (part instanceof Uint8Array) {
      const { ETag } = await request((client, options) => client.uploadPart({ ...to, Body: part }, options))
      completed.push({ PartNumber, ETag })
      return
    }
    const { key, start, end } = part
    const from = { CopySource: copySource(key), CopySourceRange: `bytes=${start}-${end - 1}` }
    const { CopyPartResult } = await request(
      (client, options) => client.uploadPartCopy({ ...to, ...from }, options),
      key,
    ).catch((error) => {
      throw rangeError(error, key, start, end)
    })
    completed.push({ PartNumber, ETag: CopyPartResult?.ETag })
  }
}
