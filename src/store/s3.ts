import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { GetObjectCommandOutput, ListObjectsV2CommandInput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import { addressOf } from './address.js'
import { ObjectNotFoundError, RangeInvalidError } from './errors.js'
import { checkFolder, checkKey, checkPrefix, checkRange, isKey, sortByKey } from './key.js'
import { writeFileAtomically } from './local-file.js'
import { BRIEF, createAttempt, type Patience } from './patience.js'
import { probeStore } from './probe.js'
import { type Connection, createConnection, type Request } from './s3-client.js'
import { isNetworkError, partlyDeleted, rangeError, s3Error, statusOf } from './s3-errors.js'
import { uploadParts } from './s3-multipart.js'
import { cutParts } from './s3-parts.js'
import type { Store } from './store.js'

interface S3StoreOptions {
  readonly bucket: string
  /** The store's root in the bucket; empty for the bucket itself. */
  readonly prefix: string
  /**
   * The endpoint. Default: the endpoint that the AWS SDK finds (`AWS_ENDPOINT_URL_S3`,
   * `AWS_ENDPOINT_URL`, the profile), else AWS.
   */
  readonly endpoint?: string
  /**
   * The region. Default: the region that the AWS SDK finds (`AWS_REGION`, the profile), else
   * `us-east-1` if the endpoint is not AWS.
   */
  readonly region?: string
}

type Body = NonNullable<GetObjectCommandOutput['Body']>

const KEYS_PER_DELETE = 1000
const COPY_OBJECT_MAX = 5 * 1024 ** 3
const FILE_CHUNK = 1024 * 1024
/** The time limit for cleaning up after a failure, in ms. It is short, whatever failed. */
const CLEAN_UP_MS = 5_000

/**
 * Creates a store in an S3 bucket. The first request loads the AWS SDK, which then finds its
 * credentials.
 */
export function createS3Store({ endpoint, region, ...place }: S3StoreOptions): Store {
  return patientStore(place, createConnection(endpoint, region), BRIEF)
}

type Place = Pick<S3StoreOptions, 'bucket' | 'prefix'>

function patientStore(place: Place, connection: Connection, patience: Patience): Store {
  const { bucket: Bucket, prefix } = place
  const folder = prefix === '' ? '' : `${checkKey(prefix)}/`
  const uri = prefix === '' ? `s3://${Bucket}` : `s3://${Bucket}/${prefix}`
  const attempt = createAttempt(uri, patience)

  const store: Store = {
    uri,

    patient: (patience) => patientStore(place, connection, patience),

    uriOf: (key) => addressOf(uri, checkKey(key)),

    keyOf(address) {
      const key = address.startsWith(`${uri}/`) ? address.slice(uri.length + 1) : ''
      return isKey(key) ? key : undefined
    },

    async head(key) {
      try {
        return { key, size: await sizeOf(key) }
      } catch (error) {
        if (error instanceof ObjectNotFoundError) return undefined
        throw error
      }
    },

    get: async (key) => await reading(key, undefined, readAll),

    async getRange(key, start, end) {
      checkKey(key)
      checkRange(key, start, end)
      if (start === end) return new Uint8Array()
      const bytes = await reading(key, `bytes=${start}-${end - 1}`, readAll).catch((error) => {
        throw rangeError(error, key, start, end)
      })
      if (bytes.length !== end - start) throw new RangeInvalidError(key, start, end)
      return bytes
    },

    async put(key, body) {
      const Key = keyIn(key)
      const Body = bytesOf(body)
      await request((client, options) => client.putObject({ Bucket, Key, Body }, options), key)
    },

    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    async putIfAbsent(key, body) {
      const Key = keyIn(key)
      const Body = bytesOf(body)
      try {
        await request((client, options) => client.putObject({ Bucket, Key, Body, IfNoneMatch: '*' }, options), key)
        return true
      } catch (error) {
        if (statusOf((error as Error).cause) === 412) return false
        throw error
      }
    },

    compose: async (key, pieces) =>
      await uploadParts({ Bucket, Key: keyIn(key), request, cleanUp, copySource }, cutParts(pieces, store.getRange)),

    async upload(key, path) {
      await store.compose(key, createReadStream(path, { highWaterMark: FILE_CHUNK }))
    },

    async download(key, path) {
      checkKey(key)
      await writeFileAtomically(path, (temporary) =>
        reading(key, undefined, (body) => pipeline(body as NodeJS.ReadableStream, createWriteStream(temporary))),
      )
    },

    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html takes 5 GiB at most
    async copy(from, to) {
      const Key = keyIn(to)
      const size = await sizeOf(from)
      if (size > COPY_OBJECT_MAX) await store.compose(to, [{ key: from, start: 0, end: size }])
      else
        await request(
          (client, options) => client.copyObject({ Bucket, Key, CopySource: copySource(from) }, options),
          from,
        )
    },

    async *list(prefix, options) {
      const after = options?.after
      const StartAfter = after === undefined ? undefined : folder + after
      for await (const { Contents = [] } of pages({ Bucket, Prefix: folder + checkPrefix(prefix), StartAfter })) {
        for (const { Key = '', Size = 0 } of Contents) {
          const key = Key.slice(folder.length)
          // Consoles create empty objects that represent folders.
          if (isKey(key)) yield { key, size: Size }
        }
      }
    },

    async listFolders(prefix) {
      const Prefix = folder + checkFolder(prefix)
      const names: string[] = []
      for await (const { CommonPrefixes = [] } of pages({ Bucket, Prefix, Delimiter: '/' })) {
        names.push(...CommonPrefixes.map((common) => common.Prefix!.slice(Prefix.length, -1)))
      }
      return sortByKey(
        names.filter((name) => isKey(prefix + name)),
        (name) => name,
      )
    },

    async delete(keys) {
      let batch: string[] = []
      for (const key of keys) {
        batch.push(keyIn(key))
        if (batch.length < KEYS_PER_DELETE) continue
        await deleteBatch(batch)
        batch = []
      }
      if (batch.length > 0) await deleteBatch(batch)
    },

    probe: () => probeStore(store),

    localPath: () => undefined,

    close: () => connection.close(),
  }
  return store

  function keyIn(key: string): string {
    return folder + checkKey(key)
  }

  function copySource(key: string): string {
    return [Bucket, ...keyIn(key).split('/')].map(encodeURIComponent).join('/')
  }

  function request<T>(make: Request<T>, key?: string): Promise<T> {
    return attempt(() => requestOnce(make, patience.signal, key))
  }

  async function requestOnce<T>(make: Request<T>, signal: AbortSignal | undefined, key?: string): Promise<T> {
    try {
      return await make(await connection.client(), signal ? { abortSignal: signal } : {})
    } catch (error) {
      throw s3Error(error, uri, Bucket, key)
    }
  }

  /**
   * Makes a clean-up request once, even if the caller's signal has aborted. Rejects if the request
   * fails.
   */
  function cleanUp<T>(make: Request<T>): Promise<T> {
    return requestOnce(make, AbortSignal.timeout(CLEAN_UP_MS))
  }

  async function sizeOf(key: string): Promise<number> {
    const Key = keyIn(key)
    const { ContentLength = 0 } = await request((client, options) => client.headObject({ Bucket, Key }, options), key)
    return ContentLength
  }

  /** Requests an object and reads its body. A body that breaks off is requested again. */
  function reading<T>(key: string, Range: string | undefined, consume: (body: Body) => Promise<T>): Promise<T> {
    const Key = keyIn(key)
    return attempt(async () => {
      const { Body } = await requestOnce(
        (client, options) => client.getObject({ Bucket, Key, Range }, options),
        patience.signal,
        key,
      )
      try {
        return await consume(Body!)
      } catch (error) {
        throw isNetworkError(error) ? s3Error(error, uri, Bucket, key) : error
      }
    })
  }

  async function* pages(input: ListObjectsV2CommandInput): AsyncGenerator<ListObjectsV2CommandOutput> {
    let ContinuationToken: string | undefined
    do {
      const page = await request((client, options) => client.listObjectsV2({ ...input, ContinuationToken }, options))
      yield page
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken !== undefined)
  }

  async function deleteBatch(batch: string[]): Promise<void> {
    const Objects = batch.map((Key) => ({ Key }))
    await attempt(async () => {
      const { Errors = [] } = await requestOnce(
        (client, options) => client.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } }, options),
        patience.signal,
      )
      if (Errors.length > 0) throw partlyDeleted(uri, batch.length, Errors)
    })
  }
}

function readAll(body: Body): Promise<Uint8Array> {
  return body.transformToByteArray()
}

/** Returns a body as bytes, because the SDK treats an empty string as a missing body. */
function bytesOf(body: Uint8Array | string): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body
}
