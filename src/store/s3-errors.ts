import type { _Error as DeleteError } from '@aws-sdk/client-s3'
import { ObjectNotFoundError, RangeInvalidError, type StoreTrouble, StoreUnusableError } from './errors.js'

/** The fields that errors of the SDK share with errors of sockets and of credential providers. */
interface RequestError {
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
}

const NETWORK_CODES = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'EMFILE',
  'ENFILE',
  'ETIMEDOUT',
])

/**
 * Refusals and bad requests that mean that the server, or this machine's clock, is temporarily
 * wrong.
 */
const PASSING_NAMES = new Set([
  'ConditionalRequestConflict',
  'InternalError',
  'OperationAborted',
  'RequestTimeTooSkewed',
  'RequestTimeout',
  'ServiceUnavailable',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
])
/** Refusals and bad requests that concern credentials, which are renewed. */
const REFUSING_NAMES = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
])

export function statusOf(error: unknown): number | undefined {
  return (error as RequestError | null | undefined)?.$metadata?.httpStatusCode
}

export function isNetworkError(error: unknown): boolean {
  const { name, code = '' } = error as RequestError
  return name === 'TimeoutError' || NETWORK_CODES.has(code)
}

/**
 * Returns a refused range as `RangeInvalidError`, and any other error unchanged. Servers have
 * different names for this error.
 */
export function rangeError(error: unknown, key: string, start: number, end: number): unknown {
  const { name = '' } = ((error as Error).cause ?? {}) as RequestError
  if (!['InvalidRange', 'InvalidArgument'].includes(name)) return error
  return new RangeInvalidError(key, start, end, { cause: error })
}

/** Returns an error that describes the problem and the way out. `key` is the requested object. */
export function s3Error(error: unknown, store: string, bucket: string, key?: string): Error {
  const { name = 'Error', message = '' } = error as RequestError
  if (key !== undefined && (name === 'NoSuchKey' || name === 'NotFound')) {
    return new ObjectNotFoundError(key, store, { cause: error })
  }
  const status = statusOf(error)
  const what = key === undefined ? store : `${store}/${key}`
  const brief = briefly(error as RequestError, status)
  const reason = hasWords(error as RequestError) ? `${brief}: ${message.replace(/\.$/, '')}` : brief
  return new StoreUnusableError(store, explain(), {
    trouble: troubleOf(error, status),
    reason: brief,
    retryAfter: retryAfterOf(error as RequestError),
    cause: error,
  })

  function explain(): string {
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

/** Returns the error for objects that were not deleted although others of the request were. */
export function partlyDeleted(store: string, asked: number, errors: readonly DeleteError[]): StoreUnusableError {
  const { Key, Code = 'Unknown', Message } = errors[0]!
  const all = errors.map(({ Code = '' }) =>
    PASSING_NAMES.has(Code) ? 'outage' : Code === 'AccessDenied' ? 'refusal' : 'lasting',
  )
  const trouble = (['lasting', 'refusal'] as const).find((kind) => all.includes(kind)) ?? 'outage'
  return new StoreUnusableError(
    store,
    `Of ${asked} objects in ${store}, ${errors.length} could not be deleted; the first is ${Key} (${Code}: ${Message}). Check the right to delete.`,
    { trouble, reason: Code },
  )
}

function troubleOf(error: unknown, status: number | undefined): StoreTrouble {
  const { name = '' } = error as RequestError
  if (PASSING_NAMES.has(name) || isNetworkError(error)) return 'outage'
  if (REFUSING_NAMES.has(name)) return 'refusal'
  switch (status) {
    case 401:
    case 403:
      return 'refusal'
    case 408:
    case 409:
    case 425:
    case 429:
      return 'outage'
    case 501:
      return 'lasting'
    default:
      // A response with a success status that ends in an error here could not be read.
      return status !== undefined && (status >= 500 || (status >= 200 && status < 300)) ? 'outage' : 'lasting'
  }
}

/**
 * Returns a short description such as `503 SlowDown`. For a response without a body, such as one to
 * HEAD, the SDK knows only the status.
 */
function briefly(error: RequestError, status: number | undefined): string {
  const { name = 'Error', code } = error
  if (status === undefined) return hasWords(error) ? (code ?? name) : name
  // Every process of a pool loads this file, and the module takes some milliseconds to load.
  const { STATUS_CODES } = process.getBuiltinModule('node:http')
  return `${status} ${hasWords(error) ? name : (STATUS_CODES[status] ?? name)}`
}

function hasWords({ name, message = '' }: RequestError): boolean {
  return message !== '' && message !== 'UnknownError' && name !== 'Unknown'
}

/** Returns the wait in ms that the server asks for, as seconds or as a date. */
function retryAfterOf({ $response }: RequestError): number | undefined {
  const text = $response?.headers?.['retry-after']
  if (text === undefined) return undefined
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return ms > 0 ? ms : undefined
}
