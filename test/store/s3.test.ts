import { S3 } from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, it } from 'vitest'
import { createS3Store } from '../../src/store/s3.js'
import type { Piece } from '../../src/store/store.js'
import { hasS3, type S3Server, startS3Server } from '../support/s3.js'
import { storeConformance } from './conformance.js'

const MIB = 1024 * 1024

describe.skipIf(!(await hasS3('stores in S3')))('an S3 store on a real server', () => {
  let server: S3Server
  let stores = 0

  beforeAll(async () => {
    server = await startS3Server()
    Object.assign(process.env, server.env)
    return () => server.stop()
  })

  storeConformance('a store in S3', async () => createS3Store({ bucket: server.bucket, prefix: `tests/ü ${stores++}` }))

  it('accepts a whole bucket as a store', async () => {
    const store = createS3Store({ bucket: server.bucket, prefix: '' })
    await store.put('top', 'x')
    expect(store.uriOf('top')).toBe(`s3://${server.bucket}/top`)
    expect(store.keyOf(`s3://${server.bucket}/top`)).toBe('top')
    expect(await store.listFolders('')).toContain('tests')
    await store.close()
  })

  it('leaves no unfinished upload behind if the pieces fail', async () => {
    const store = createS3Store({ bucket: server.bucket, prefix: 'failing' })
    const client = new S3({ forcePathStyle: true })
    let whileUploading = 0
    async function* pieces(): AsyncGenerator<Piece> {
      yield Buffer.alloc(20 * MIB)
      whileUploading = await openUploads()
      throw new Error('no more')
    }
    await expect(store.compose('a', pieces())).rejects.toThrow('no more')
    expect(whileUploading).toBe(1)
    expect(await openUploads()).toBe(0)
    client.destroy()
    await store.close()

    async function openUploads(): Promise<number> {
      const { Uploads = [] } = await client.listMultipartUploads({ Bucket: server.bucket })
      return Uploads.length
    }
  })

  it('reports that a bucket does not exist, with the remedy', async () => {
    const store = createS3Store({ bucket: 'no-such-bucket', prefix: 'scythe' })
    const message = 'There is no bucket no-such-bucket. Create it, or set SCYTHE_STORAGE_BUCKET to one that exists.'
    const refused = { code: 'STORE_UNUSABLE', store: 's3://no-such-bucket/scythe', message }
    await expect(store.put('a', 'x')).rejects.toMatchObject(refused)
    await expect(store.listFolders('')).rejects.toMatchObject(refused)
    await expect(store.probe()).rejects.toMatchObject(refused)
    await store.close()
  })

  it('reports that the credentials are wrong', async () => {
    const secret = process.env.AWS_SECRET_ACCESS_KEY
    process.env.AWS_SECRET_ACCESS_KEY = 'wrong'
    const store = createS3Store({ bucket: server.bucket, prefix: 'scythe' })
    try {
      await expect(store.get('a')).rejects.toMatchObject({ code: 'STORE_UNUSABLE' })
      await expect(store.get('a')).rejects.toThrow(
        /^Access to s3:.* was denied \(403 SignatureDoesNotMatch: .*Check the cred/,
      )
    } finally {
      process.env.AWS_SECRET_ACCESS_KEY = secret
    }
  })
})
