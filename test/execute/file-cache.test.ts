import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFileCache } from '../../src/execute/pool/file-cache.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A fetcher that writes ten bytes, and says what it was asked for. */
function tenBytes() {
  const fetched: string[] = []
  const fetcher = async (uri: string, path: string) => {
    fetched.push(uri)
    await writeFile(path, '0123456789')
    return path
  }
  return { fetched, fetcher }
}

test('an address is fetched once for any number of concurrent requests', async () => {
  const { fetched, fetcher } = tenBytes()
  const cache = createFileCache(folder)
  const [one, other] = [cache.open(fetcher), cache.open(fetcher)]
  const paths = await Promise.all([one.get('s3://b/x.epw'), other.get('s3://b/x.epw'), one.get('s3://b/x.epw')])
  expect(new Set(paths).size).toBe(1)
  expect(fetched).toEqual(['s3://b/x.epw'])
})

test('files keep the last name of their address as far as it is a valid file name', async () => {
  const { fetcher } = tenBytes()
  const files = createFileCache(folder).open(fetcher)
  const names = [
    's3://b/k/Denver.epw',
    'https://h/a%20b.csv?x=/../y.txt',
    'https://h/..',
    'https://h/x%2F..%2Fy',
    's3://b/k/a%20b #1?.csv',
    'file:///k/a%20b.csv',
    '/k/a%20b.csv',
    `s3://b/${'ü'.repeat(150)}.epw`,
  ].map(async (uri) => basename(await files.get(uri)))
  expect(await Promise.all(names)).toEqual([
    'Denver.epw',
    'a b.csv',
    '_',
    'x%2F..%2Fy',
    'a%20b #1?.csv',
    'a b.csv',
    'a%20b.csv',
    `${'ü'.repeat(98)}.epw`,
  ])
})

test('a failure is not cached', async () => {
  const { fetched, fetcher } = tenBytes()
  const cache = createFileCache(folder)
  const failing = cache.open(async () => {
    throw new Error('down')
  })
  await expect(failing.get('s3://b/x')).rejects.toThrow('down')
  expect(await cache.open(fetcher).get('s3://b/x')).toContain(folder)
  expect(fetched).toEqual(['s3://b/x'])
})

test('the least recently used file is evicted if room runs out, but never a file in use', async () => {
  const { fetched, fetcher } = tenBytes()
  const cache = createFileCache(folder, 25)
  const first = cache.open(fetcher)
  const a = await first.get('s3://b/a')
  const second = cache.open(fetcher)
  const b = await second.get('s3://b/b')
  const c = await second.get('s3://b/c')
  expect([a, b, c].map(existsSync)).toEqual([true, true, true])
  second.close()
  await expect.poll(() => [a, b, c].map(existsSync), { timeout: 200_000 }).toEqual([true, false, true])
  first.close()
  const third = cache.open(fetcher)
  expect(await third.get('s3://b/a')).toBe(a)
  expect(await third.get('s3://b/b')).not.toBe(b)
  expect(fetched).toEqual(['s3://b/a', 's3://b/b', 's3://b/c', 's3://b/b'])
  third.close()
})

test('a file outside the cache takes no room and is never removed', async () => {
  const elsewhere = join(folder, 'mine.txt')
  await writeFile(elsewhere, 'mine')
  const files = createFileCache(join(folder, 'cache'), 1).open(async () => elsewhere)
  expect(await files.get('file:///mine.txt')).toBe(elsewhere)
  files.close()
  expect(existsSync(elsewhere)).toBe(true)
})

test('a batch that waits for a file fetched by another batch gets it, even if that other batch is stopped', async () => {
  const { fetched, fetcher } = tenBytes()
  const cache = createFileCache(folder)
  let stop: (reason: Error) => void = () => {}
  const stopped = cache.open(
    () =>
      new Promise((_resolve, reject) => {
        stop = reject
      }),
  )
  const first = expect(stopped.get('s3://b/x')).rejects.toThrow('cancelled')
  const second = cache.open(fetcher).get('s3://b/x')
  await expect.poll(() => stop).not.toHaveLength(0)
  stop(new Error('cancelled'))
  await first
  expect(await second).toContain(folder)
  expect(fetched).toEqual(['s3://b/x'])
})
