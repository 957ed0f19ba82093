import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchUri } from '../../src/execute/fetch.js'

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

test('an http address is brought to the path, through redirections', async () => {
  const path = join(folder, 'deep', 'big')
  expect(await fetchUri(`${base}/moved`, path)).toBe(path)
  expect((await readFile(path)).equals(Buffer.alloc(1_000_000, 7))).toBe(true)
})

test('a server that fails or breaks off is tried again, and no half file is left', async () => {
  failures = 0
  expect(await readFile(await fetchUri(`${base}/shaky`, join(folder, 'shaky')), 'utf8')).toBe('at last')
  failures = 0
  expect(await readFile(await fetchUri(`${base}/cut`, join(folder, 'cut')), 'utf8')).toBe('all of it')
  expect((await readdir(folder)).sort()).toEqual(['cut', 'deep', 'shaky'])
})

test('what is not there says so with the address and the answer', async () => {
  await expect(fetchUri(`${base}/none`, join(folder, 'none'))).rejects.toMatchObject({
    code: 'FILE_UNAVAILABLE',
    message: `Could not fetch ${base}/none: the server answered 404 Not Found.`,
  })
})

test('a server that cannot be reached says why', async () => {
  await expect(fetchUri('http://127.0.0.1:1/x', join(folder, 'x'))).rejects.toMatchObject({
    code: 'FILE_UNAVAILABLE',
    message: expect.stringMatching(/^Could not fetch http:\/\/127\.0\.0\.1:1\/x: .*(ECONNREFUSED|bad port)/),
  })
})

test('local files are given as they are, and other addresses refused', async () => {
  expect(await fetchUri('file:///some%20where/a.txt', 'unused')).toBe('/some where/a.txt')
  expect(await fetchUri('data/a.txt', 'unused')).toBe('data/a.txt')
  await expect(fetchUri('ftp://host/a.txt', 'unused')).rejects.toThrow(/ftp:\/\/host\/a\.txt/)
})
