import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createS3Store } from '../../src/store/s3.js'
import { connect } from '../../src/store/s3-client.js'
import type { Store } from '../../src/store/store.js'
import { temporaryFolder } from '../support/folders.js'

/** What a real server does not do when asked: answers of servers that fail, and of those that know less. */
describe('requests of an S3 store', () => {
  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere/config')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere/credentials')
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true')
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'id')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
    return () => vi.unstubAllEnvs()
  })

  it('use the endpoint of the environment, with the bucket in the path and no region', async () => {
    const { url, requests } = await serve(() => ({ status: 200 }))
    vi.stubEnv('AWS_ENDPOINT_URL', url)
    await open().put('a b', 'x')
    expect(requests.map(({ method, url }) => `${method} ${url?.split('?')[0]}`)).toEqual(['PUT /bucket/prefix/a%20b'])
    expect(requests[0]?.headers.authorization).toContain('/us-east-1/s3/')
  })

  it('use the endpoint and the region of the profile', async () => {
    const { url, requests } = await serve(() => ({ status: 200 }))
    const file = join(await temporaryFolder(), 'config')
    const lines = ['[profile lab]', `endpoint_url = ${url}`, 'region = eu-west-3', 'aws_access_key_id = lab-id']
    await writeFile(file, [...lines, 'aws_secret_access_key = lab-secret'].join('\n'))
    vi.stubEnv('AWS_CONFIG_FILE', file)
    vi.stubEnv('AWS_PROFILE', 'lab')
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined)
    await open().put('a', 'x')
    expect(requests[0]?.url).toMatch(/^\/bucket\/prefix\/a/)
    expect(requests[0]?.headers.authorization).toMatch(/Credential=lab-id\/\d+\/eu-west-3\/s3\//)
  })

  it('use the bucket as part of the host if the endpoint belongs to AWS', async () => {
    const aws = await connect('https://s3.eu-west-1.amazonaws.com')
    expect(aws.config.forcePathStyle).toBe(false)
    const other = await connect('https://amazonaws.com.example.org')
    expect(other.config.forcePathStyle).toBe(true)
  })

  it('are retried while the server reports a conflict between two writers', async () => {
    const answers = [{ status: 409 }, { status: 409 }, { status: 200 }, { status: 412 }]
    const { url, requests } = await serve(() => answers.shift()!)
    const store = open(url)
    expect(await store.putIfAbsent('a', 'x')).toBe(true)
    expect(await store.putIfAbsent('a', 'x')).toBe(false)
    expect(requests.map(({ headers }) => headers['if-none-match'])).toEqual(['*', '*', '*', '*'])
  })

  it('detect a server that ignores conditional puts', async () => {
    const { url, requests } = await serve(({ method }) => ({
      status: 200,
      body: method === 'POST' ? '<DeleteResult/>' : '',
    }))
    await expect(open(url).probe()).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      message:
        'The store s3://bucket/prefix ignores conditional puts (If-None-Match: *), which Scythe needs. Use one that knows them.',
    })
    expect(requests.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'POST'])
  })

  it('are retried if a body breaks off', async () => {
    const { url, requests } = await serve(({ method }, attempt) => {
      return { status: 200, body: '0123456789', breakOff: method === 'GET' && attempt % 3 !== 0 }
    })
    const store = open(url)
    expect(Buffer.from(await store.get('a')).toString()).toBe('0123456789')
    const folder = await temporaryFolder()
    await store.download('a', join(folder, 'a'))
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('0123456789')
    expect(await readdir(folder)).toEqual(['a'])
    expect(requests.length).toBe(6)
  })

  it('fail if every body breaks off', async () => {
    const { url } = await serve(() => ({ status: 200, body: '0123456789', breakOff: true }))
    await expect(open(url).patient({ limit: 500 }).get('a')).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      message: expect.stringMatching(/It did not pass within 1s\.$/),
    })
  })

  it('report the objects that could not be deleted', async () => {
    const error = '<Error><Key>prefix/b</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
    const { url } = await serve(() => ({ status: 200, body: `<DeleteResult>${error}</DeleteResult>` }))
    await expect(open(url).delete(['a', 'b'])).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      message:
        'Of 2 objects in s3://bucket/prefix, 1 could not be deleted; the first is prefix/b (AccessDenied: Access Denied). Check the right to delete.',
    })
  })

  it('report the reason and the remedy if they are refused', async () => {
    const say = (code: string) => `<Error><Code>${code}</Code><Message>The server's words.</Message></Error>`
    const cases: [number, string, string][] = [
      [
        403,
        say('AccessDenied'),
        "Access to s3://bucket/prefix/a was denied (403 AccessDenied: The server's words). Check the",
      ],
      [
        400,
        say('AuthorizationHeaderMalformed'),
        'The bucket bucket lies in another region (400 AuthorizationHeaderMalformed',
      ],
      [400, say('Odd'), "The request for s3://bucket/prefix/a failed (400 Odd: The server's words)."],
    ]
    for (const [status, body, message] of cases) {
      const { url } = await serve(() => ({ status, body }))
      await expect(open(url).get('a')).rejects.toThrow(message)
    }
  })

  it('report the status even if a response has no body, as for HEAD', async () => {
    for (const [status, words, trouble] of [
      [403, '403 Forbidden', 'refusal'],
      [503, '503 Service Unavailable', 'outage'],
      [429, '429 Too Many Requests', 'outage'],
      [400, '400 Bad Request', 'lasting'],
    ] as const) {
      const { url } = await serve(() => ({ status }))
      const refused = { code: 'STORE_UNUSABLE', reason: words, trouble, message: expect.stringContaining(`(${words})`) }
      await expect(open(url).patient({ limit: 0 }).head('a')).rejects.toMatchObject(refused)
    }
  })

  it('report that the server cannot be reached', async () => {
    const message =
      'The endpoint of s3://bucket/prefix cannot be reached (ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:1)'
    await expect(open('http://127.0.0.1:1').patient({ limit: 0 }).put('a', 'x')).rejects.toThrow(message)
  })

  it('name the settings that are missing if there are no credentials or no region', async () => {
    await expect(open().get('a')).rejects.toThrow('There is no region for s3://bucket/prefix. Set AWS_REGION.')
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
    await expect(open().get('a')).rejects.toThrow(
      /^There are no credentials for s3:.* Set AWS_ACCESS_KEY_ID and AWS_SEC/,
    )
  })
})

function open(endpoint?: string): Store {
  const store = createS3Store({ bucket: 'bucket', prefix: 'prefix', ...(endpoint && { endpoint }) })
  onTestFinished(() => store.close())
  return store
}

interface Answer {
  readonly status: number
  readonly body?: string
  /** Ends the connection in the middle of the body. */
  readonly breakOff?: boolean
}

/** A server that gives these answers, under a name (addresses are always asked with the bucket in the path). */
async function serve(answer: (request: IncomingMessage, attempt: number) => Answer) {
  const requests: IncomingMessage[] = []
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    requests.push(request)
    for await (const _ of request);
    const { status, body = '', breakOff = false } = answer(request, requests.length)
    response.writeHead(status, { 'content-length': body.length })
    if (!breakOff) return response.end(body)
    response.write(body.slice(0, 5), () => response.destroy())
  })
  await once(server.listen(0), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, requests }
}
