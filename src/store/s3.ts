import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import type {
  GetObjectCommandOutput,
  ListObjectsV2CommandInput,
  ListObjectsV2CommandOutput,
  S3,
} from '@aws-sdk/client-s3'
import { InvalidRangeError, ObjectNotFoundError, StoreUnusableError } from './errors.js'
import { checkFolder, checkKey, checkPrefix, checkRange, isKey, sortByKey } from './key.js'
import { landFile } from './local-file.js'
import { probeStore } from './probe.js'
import { connect } from './s3-client.js'
import { isNetworkError, rangeError, s3Error, statusOf } from './s3-errors.js'
import { uploadParts } from './s3-multipart.js'
import { cutParts } from './s3-parts.js'
import type { Store } from './store.js'

interface S3StoreOptions {
  readonly bucket: string
  /** The store's root in the bucket; empty for the bucket itself. */
  readonly prefix: string
  /** Default: as the AWS SDK finds it (`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, the profile), else AWS. */
  readonly endpoint?: string
  /** Default: as the AWS SDK finds it (`AWS_REGION`, the profile), else `us-east-1` where the endpoint is not AWS. */
  readonly region?: string
}

type Body = NonNullable<GetObjectCommandOutput['Body']>

const KEYS_PER_DELETE = 1000
const COPY_OBJECT_MAX = 5 * 1024 ** 3
const FILE_CHUNK = 1024 * 1024
const TRIES = 5

/** A store in an S3 bucket. The AWS SDK is loaded, and finds its credentials, at the first request. */
export function createS3Store({ bucket: Bucket, prefix, endpoint, region }: S3StoreOptions): Store {
  const folder = prefix === '' ? '' : `${checkKey(prefix)}/`
  const uri = prefix === '' ? `s3://${Bucket}` : `s3://${Bucket}/${prefix}`
  let connection: Promise<S3> | undefined

  const store: Store = {
    uri,

    uriOf: (key) => `${uri}/${checkKey(key)}`,

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
      if (bytes.length !== end - start) throw new InvalidRangeError(key, start, end)
      return bytes
    },

    async put(key, body) {
      const Key = keyIn(key)
      const Body = bytesOf(body)
      await request((client) => client.putObject({ Bucket, Key, Body }), key)
    },

    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    async putIfAbsent(key, body) {
      const Key = keyIn(key)
      const Body = bytesOf(body)
      for (let tries = 1; ; tries++) {
        try {
          await request((client) => client.putObject({ Bucket, Key, Body, IfNoneMatch: '*' }), key)
          return true
        } catch (error) {
          const status = statusOf((error as Error).cause)
          if (status === 412) return false
          // Another's write is under way, and which of them wins is not decided yet.
          if (status !== 409 || tries === TRIES) throw error
          await setTimeout(50 * 2 ** tries)
        }
      }
    },

    compose: async (key, pieces) =>
      await uploadParts({ Bucket, Key: keyIn(key), request, copySource }, cutParts(pieces, store.getRange)),

    async upload(key, path) {
      await store.compose(key, createReadStream(path, { highWaterMark: FILE_CHUNK }))
    },

    async download(key, path) {
      checkKey(key)
      await landFile(path, (temporary) =>
        reading(key, undefined, (body) => pipeline(body as NodeJS.ReadableStream, createWriteStream(temporary))),
      )
    },

    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html takes 5 GiB at most
    async copy(from, to) {
      const Key = keyIn(to)
      const size = await sizeOf(from)
      if (size > COPY_OBJECT_MAX) await store.compose(to, [{ key: from, start: 0, end: size }])
      else await request((client) => client.copyObject({ Bucket, Key, CopySource: copySource(from) }), from)
    },

    async *list(prefix, options) {
      const after = options?.after
      const StartAfter = after === undefined ? undefined : folder + after
      for await (const { Contents = [] } of pages({ Bucket, Prefix: folder + checkPrefix(prefix), StartAfter })) {
        for (const { Key = '', Size = 0 } of Contents) {
          const key = Key.slice(folder.length)
          // Consoles leave empty objects that stand for folders.
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

    async close() {
      const closing = connection
      connection = undefined
      await closing?.then(
        (client) => client.destroy(),
        () => {},
      )
    },
  }
  return store

  function keyIn(key: string): string {
    return folder + checkKey(key)
  }

  function copySource(key: string): string {
    return [Bucket, ...keyIn(key).split('/')].map(encodeURIComponent).join('/')
  }

  async function request<T>(make: (client: S3) => Promise<T>, key?: string): Promise<T> {
    connection ??= connect(endpoint, region)
    try {
      return await make(await connection)
    } catch (error) {
      throw s3Error(error, uri, Bucket, key)
    }
  }

  async function sizeOf(key: string): Promise<number> {
    const Key = keyIn(key)
    const { ContentLength = 0 } = await request((client) => client.headObject({ Bucket, Key }), key)
    return ContentLength
  }

  /** The SDK repeats requests, but not for a body that breaks off. */
  async function reading<T>(key: string, Range: string | undefined, consume: (body: Body) => Promise<T>): Promise<T> {
    const Key = keyIn(key)
    for (let tries = 1; ; tries++) {
      const { Body } = await request((client) => client.getObject({ Bucket, Key, Range }), key)
      try {
        return await consume(Body!)
      } catch (error) {
        if (!isNetworkError(error)) throw error
        if (tries === TRIES) throw s3Error(error, uri, Bucket, key)
      }
    }
  }

  async function* pages(input: ListObjectsV2CommandInput): AsyncGenerator<ListObjectsV2CommandOutput> {
    let ContinuationToken: string | undefined
    do {
      const page = await request((client) => client.listObjectsV2({ ...input, ContinuationToken }))
      yield page
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken !== undefined)
  }

  async function deleteBatch(batch: string[]): Promise<void> {
    const Objects = batch.map((Key) => ({ Key }))
    const { Errors = [] } = await request((client) =>
      client.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } }),
    )
    const [first] = Errors
    if (first === undefined) return
    throw new StoreUnusableError(
      uri,
      `Of ${batch.length} objects in ${uri}, ${Errors.length} could not be deleted; the first is ${first.Key} (${first.Code}: ${first.Message}). Check the right to delete.`,
    )
  }
}

function readAll(body: Body): Promise<Uint8Array> {
  return body.transformToByteArray()
}

/** The SDK takes an empty string for no body at all. */
function bytesOf(body: Uint8Array | string): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body
}
