import type { S3, S3ClientConfig } from '@aws-sdk/client-s3'
import { remember } from '../async/promises.js'

const CONNECT_TIMEOUT = 10_000
const SILENCE_TIMEOUT = 120_000

/** Makes a request with the SDK, and passes `options` on to the SDK. */
export type Request<T> = (client: S3, options: { readonly abortSignal?: AbortSignal }) => Promise<T>

/** A client that is created at the first request, and again if the creation failed. */
export interface Connection {
  client(): Promise<S3>
  close(): Promise<void>
}

export function createConnection(endpoint?: string, region?: string): Connection {
  const client = remember(() => connect(endpoint, region))
  return {
    client,
    async close() {
      await client.forget()?.then(
        (client) => client.destroy(),
        () => {},
      )
    },
  }
}

/**
 * Loads the SDK and creates a client. The SDK's own rules find the region, the endpoint and the
 * credentials, unless they are given.
 */
export async function connect(endpoint?: string, region?: string): Promise<S3> {
  const sdk = await import('@aws-sdk/client-s3')
  const config: S3ClientConfig = {
    // The store itself retries requests, for as long as its caller allows.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT, socketTimeout: SILENCE_TIMEOUT },
    // The signature covers each body, and some servers refuse checksums beside it.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  }
  const client = new sdk.S3({ ...config, ...(endpoint && { endpoint }), ...(region && { region }) })
  const configured = endpoint ?? (await configuredEndpoint(client))
  if (configured === undefined || isAws(configured)) return client

  // Servers other than AWS seldom have a host name for each bucket, and often have no regions.
  const regionOrDefault = () => client.config.region().catch(() => 'us-east-1')
  return new sdk.S3({ ...config, endpoint: configured, region: regionOrDefault, forcePathStyle: true })
}

/**
 * Returns the endpoint from the environment or the profile. The SDK does not expose it elsewhere
 * before the first request.
 */
async function configuredEndpoint(client: S3): Promise<string | undefined> {
  const config: { serviceConfiguredEndpoint?: () => Promise<string | undefined> } = client.config
  return await config.serviceConfiguredEndpoint?.()
}

function isAws(endpoint: string): boolean {
  return /\.amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname)
}
