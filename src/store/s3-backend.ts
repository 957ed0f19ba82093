import { settingType } from '../settings/environment.js'
import type { Backend, StorePlace } from './backend.js'
import { isKey } from './key.js'
import { createS3Store } from './s3.js'

const bucketName = settingType<string>((text) => {
  if (isBucket(text)) return text
  throw new Error("a bucket's name, without s3:// and slashes")
})

const folderNames = settingType<string>((text) => {
  const names = text.replace(/^\/+|\/+$/g, '')
  if (names !== '' && !names.split('/').some((name) => ['', '.', '..'].includes(name))) return names
  throw new Error('names joined by single slashes, such as scythe or studies/scythe')
})

const settings = {
  storageBucket: bucketName({
    variable: 'SCYTHE_STORAGE_BUCKET',
    otherwise: 'none',
    doc: 'runs live in this S3 bucket; credentials and endpoint are found as the AWS SDK finds them',
  }),
  storageBucketPrefix: folderNames({
    variable: 'SCYTHE_STORAGE_BUCKET_PREFIX',
    default: 'scythe',
    doc: 'the folder of the bucket that runs live in',
  }),
}

export const s3Backend: Backend<typeof settings> = {
  name: 's3',
  scheme: 's3',
  form: 's3://bucket/prefix',
  settings,
  needs: { setting: 'storageBucket', what: 'the name of a bucket' },
  // The AWS SDK finds credentials by these variables. Regions and endpoints are not secrets.
  secrets: [
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_CREDENTIAL_EXPIRATION',
    'AWS_PROFILE',
    'AWS_CONFIG_FILE',
    'AWS_SHARED_CREDENTIALS_FILE',
    'AWS_ROLE_ARN',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN',
    'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  ],
  objects: {
    form: 's3://bucket/key',
    split(uri) {
      const object = splitObject(uri)
      return object && { store: `s3://${object.bucket}`, key: object.key }
    },
  },
  addressOf: ({ storageBucket, storageBucketPrefix }) => bucketAddress(storageBucket!, storageBucketPrefix),
  locate(address) {
    const place = bucketOf(address)
    return place && bucketPlace(place)
  },
  isUri(text) {
    const place = bucketOf(text)
    return place !== undefined && isBucket(place.bucket) && (place.prefix === '' || isKey(place.prefix))
  },
}

/**
 * The place of a store in S3: its bucket, and the folder in the bucket, which is empty for the
 * bucket itself.
 */
interface BucketPlace {
  readonly bucket: string
  readonly prefix: string
}

/** Returns the address of the store in a bucket, as the settings of Python Scythe name it. */
export function bucketAddress(bucket: string, prefix: string): string {
  return prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`
}

/** Splits the address of a store in S3. Returns `undefined` for any other address. */
export function bucketOf(address: string): BucketPlace | undefined {
  const [, path = ''] = /^s3:\/\/(.*)$/.exec(address) ?? []
  const [bucket = '', ...names] = path.replace(/\/+$/, '').split('/')
  return bucket === '' ? undefined : { bucket, prefix: names.join('/') }
}

function bucketPlace({ bucket, prefix }: BucketPlace): StorePlace {
  const isWithin = (key: string) => prefix === '' || key.startsWith(`${prefix}/`)
  return {
    open: () => createS3Store({ bucket, prefix }),
    async covers(address) {
      const other = bucketOf(address)
      return other?.bucket === bucket && isWithin(`${other.prefix}/`)
    },
    holds(uri) {
      const object = splitObject(uri)
      return object?.bucket === bucket && isWithin(object.key)
    },
  }
}

function splitObject(uri: string): { readonly bucket: string; readonly key: string } | undefined {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/i.exec(uri) ?? []
  return bucket === undefined || key === undefined ? undefined : { bucket, key }
}

function isBucket(name: string): boolean {
  return /^[\w.-]+$/.test(name)
}
