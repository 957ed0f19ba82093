import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FetchOptions, fetchUri as fetchWithin } from '../../src/execute/fetch/fetch.js'

const LIMITS: FetchOptions = { allow: ['loopback'], maxSize: 10e6, timeout: 60_000, s3: undefined }
const fetchUri = (uri: string, path: string, limits: Partial<FetchOptions> = {}) =>
  fetchWithin(uri, path, { ...LIMITS, ...limits })

let server: Server
let base: string
let folder: string
let failures = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
  server = createServer((request, response) => {
    if (request.url === '/big') response.end(Buffer.alloc(1_000_000, 7))
    else if (request.url === '/moved') response.writeHead(302, { location: '/big' }).end()
    else if (request.url === '/shaky' && failures++ < 2) response.writeHead(503).end()
    else if (request.url === '/shaky') response.end('at last')
    else if (request.url === '/cut' && failures++ < 1) {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half of')
      setImmediate(() => response.destroy())
    } else if (request.url === '/cut') response.end('all of it')
    else if (request.url === '/away') response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end()
    else if (request.url === '/bomb')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20_000_000)))
    else if (request.url === '/drip') {
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(timer))
    } else if (request.url === '/mine') response.end(request.headers.authorization ?? 'nobody')
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true })
})

test('an HTTP address is downloaded to the path, through redirects', async () => {
  const path = join(folder, 'deep', 'big')
  expect(await fetchUri(`${base}/moved`, path)).toBe(path)
  expect((await readFile(path)).equals(Buffer.alloc(1_000_000, 7))).toBe(true)
})

test('a request is retried if the server fails or breaks off, and no partial file is left', async () => {
  failures = 0
  expect(await readFile(await fetchUri(`${base}/shaky`, join(folder, 'shaky')), 'utf8')).toBe('at last')
  failures = 0
  expect(await readFile(await fetchUri(`${base}/cut`, join(folder, 'cut')), 'utf8')).toBe('all of it')
  expect((await readdir(folder)).sort()).toEqual(['cut', 'deep', 'shaky'])
})

test('a missing file is reported with its address and the response', async () => {
  await expect(fetchUri(`${base}/none`, join(folder, 'none'))).rejects.toMatchObject({
    code: 'FILE_UNAVAILABLE',
    message: `Could not fetch ${base}/none: the server answered 404 Not Found.`,
  })
})

test('a server that cannot be reached is reported with the reason', async () => {
  await expect(fetchUri('http://127.0.0.1:1/x', join(folder, 'x'))).rejects.toMatchObject({
    code: 'FILE_UNAVAILABLE',
    message: expect.stringMatching(/^Could not fetch http:\/\/127\.0\.0\.1:1\/x: .*(ECONNREFUSED|bad port)/),
  })
})

test('local files are returned unchanged, and unsupported addresses are rejected', async () => {
  expect(await fetchUri('file:///some%20where/a.txt', 'unused')).toBe('/some where/a.txt')
  expect(await fetchUri('data/a.txt', 'unused')).toBe('data/a.txt')
  await expect(fetchUri('ftp://host/a.txt', 'unused')).rejects.toThrow(/ftp:\/\/host\/a\.txt/)
})

test('addresses outside the public internet are rejected unless they are allowed, for redirects too', async () => {
  const { port } = server.address() as AddressInfo
  const get = (uri: string, ...allow: string[]) =>
    fetchUri(uri, join(folder, 'guarded'), { allow }).then(() => 'fetched')
  const refused = (kind: string) => ({
    code: 'FILE_UNAVAILABLE',
    message: expect.stringMatching(new RegExp(`a ${kind} address.*SCYTHE_FETCH_ALLOW`)),
  })
  await expect(get(`${base}/big`)).rejects.toMatchObject(refused('loopback'))
  await expect(get(`http://localhost:${port}/big`)).rejects.toMatchObject(refused('loopback'))
  await expect(get(`http://[::ffff:127.0.0.1]:${port}/big`)).rejects.toMatchObject(refused('loopback'))
  await expect(get(`http://0x7f.1:${port}/big`)).rejects.toMatchObject(refused('loopback'))
  await expect(get(`${base}/away`, 'loopback', 'private')).rejects.toMatchObject(refused('metadata'))
  await expect(get(`http://169.254.1.1/`, 'loopback', 'private')).rejects.toMatchObject(refused('link-local'))
  await expect(get(`${base}/big`, '127.0.0.1')).resolves.toBe('fetched')
  await expect(get(`${base}/big`, '127.0.0.0/24')).resolves.toBe('fetched')
  await expect(get(`http://localhost:${port}/big`, 'localhost')).resolves.toBe('fetched')
  await expect(
    fetchUri(`${base}/big`, join(folder, 's3'), { allow: [], s3: `127.0.0.1:${port}` }),
  ).resolves.toBeTruthy()
})

test('a file that is too large, unpacked, too slow or takes too long is given up, and no part of it is left', async () => {
  const path = join(folder, 'given-up', 'file')
  const reason = (uri: string, limits: Partial<FetchOptions>) =>
    fetchUri(base + uri, path, limits).then(
      () => 'fetched',
      (error) => error.reason,
    )
  expect(await reason('/big', { maxSize: 999_999 })).toContain('more than 999999 bytes')
  expect(await reason('/big', { maxSize: 1_000_000 })).toBe('fetched')
  expect(await reason('/bomb', {})).toContain('more than 10000000 bytes, unpacked')
  expect(await reason('/drip', { silence: 300 })).toBe('less than 10 kB came in 0.3 s.')
  expect(await reason('/drip', { timeout: 400 })).toBe('it took longer than 0.4 s.')
  expect(await readdir(join(folder, 'given-up'))).toEqual(['file'])
})

test('the user name and the password of an address are sent to its server, and appear in no error', async () => {
  const at = base.replace('//', '//me:p%40ss@')
  const login = await readFile(await fetchUri(`${at}/mine`, join(folder, 'mine')), 'utf8')
  expect(login).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
  const error = await fetchUri(`${at}/none?X-Amz-Signature=abc&part=1`, join(folder, 'none')).catch((error) => error)
  expect(error.uri).toBe(`${base.replace('//', '//***@')}/none?X-Amz-Signature=***&part=1`)
  expect(JSON.stringify([error, error.message])).not.toMatch(/p%40ss|p@ss|abc/)
})
