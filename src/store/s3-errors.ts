import { InvalidRangeError, ObjectNotFoundError, StoreUnusableError } from './errors.js'

/** What errors of the SDK have in common with those of sockets and of the providers of credentials. */
interface RequestError {
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

const NETWORK_CODES = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
])

export function statusOf(error: unknown): number | undefined {
  return (error as RequestError | null | undefined)?.$metadata?.httpStatusCode
}

export function isNetworkError(error: unknown): boolean {
  const { name, code = '' } = error as RequestError
  return name === 'TimeoutError' || NETWORK_CODES.has(code)
}

/** A refused range as such; any other error as it is. Servers do not agree on a name for it. */
export function rangeError(error: unknown, key: string, start: number, end: number): unknown {
  const { name = '' } = ((error as Error).cause ?? {}) as RequestError
  if (!['InvalidRange', 'InvalidArgument'].includes(name)) return error
  return new InvalidRangeError(key, start, end, { cause: error })
}

/** What went wrong in our words, and what to do. `key` is the object that was asked for. */
export function s3Error(error: unknown, store: string, bucket: string, key?: string): Error {
  const { name = 'Error', message = '', code = name } = error as RequestError
  if (key !== undefined && (name === 'NoSuchKey' || name === 'NotFound')) {
    return new ObjectNotFoundError(key, store, { cause: error })
  }
  const what = key === undefined ? store : `${store}/${key}`
  const reason = message === '' ? code : `${name}: ${message.replace(/\.$/, '')}`
  return new StoreUnusableError(store, explain(), { cause: error })

  function explain(): string {
    const status = statusOf(error)
    if (name === 'NoSuchBucket') {
      return `There is no bucket ${bucket}. Create it, or set SCYTHE_STORAGE_BUCKET to one that exists.`
    }
    if (status === 401 || status === 403) {
      return `Access to ${what} was denied (${reason}). Check the credentials, and that they may list the bucket and read, write and delete in it.`
    }
    if (status === 301 || name === 'AuthorizationHeaderMalformed') {
      return `The bucket ${bucket} lies in another region (${reason}). Set AWS_REGION to the bucket's.`
    }
    if (name === 'CredentialsProviderError') {
      return `There are no credentials for ${store} (${reason}). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.`
    }
    if (message === 'Region is missing') return `There is no region for ${store}. Set AWS_REGION.`
    if (isNetworkError(error)) {
      return `The endpoint of ${store} cannot be reached (${reason}). Check the network and AWS_ENDPOINT_URL.`
    }
    return `The request for ${what} failed (${reason}).`
  }
}
