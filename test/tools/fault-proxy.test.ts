import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { createS3Store } from '../../src/store/s3.js'
import type { Store } from '../../src/store/store.js'
import { type FaultProxy, startFaultProxy } from '../../tools/s3/fault-proxy.js'
import { DENIED, type Fault, INTERNAL, SLOW_DOWN, sometimes } from '../../tools/s3/faults.js'
import { temporaryFolder } from '../support/folders.js'
import { hasS3, type S3Server, startS3Server } from '../support/s3.js'

describe.skipIf(!(await hasS3('the fault proxy')))('the fault proxy', () => {
  let server: S3Server

  beforeAll(async () => {
    server = await startS3Server()
    Object.assign(process.env, server.env)
    return () => server.stop()
  })

  /** A store behind a proxy, and the same past it. */
  async function stores(): Promise<{ proxy: FaultProxy; through: Store; past: Store }> {
    const proxy = await startFaultProxy(server.endpoint)
    const place = { bucket: server.bucket, prefix: crypto.randomUUID() }
    const through = createS3Store({ ...place, endpoint: proxy.endpoint })
    const past = createS3Store({ ...place, endpoint: server.endpoint })
    onTestFinished(async () => {
      await Promise.all([through.close(), past.close()])
      await proxy.close()
    })
    return { proxy, through, past }
  }

  it('passes everything on, in both directions', async () => {
    const { proxy, through, past } = await stores()
    const bytes = crypto.getRandomValues(new Uint8Array(60_000))
    await through.put('a ü', bytes)
    expect(Buffer.from(await past.get('a ü')).equals(bytes)).toBe(true)
    expect(await through.putIfAbsent('a ü', 'x')).toBe(false)
    expect(await through.head('a ü')).toMatchObject({ size: 60_000 })
    expect(await through.head('b')).toBeUndefined()
    await through.compose('big', [Buffer.alloc(20_000_000, 7), { key: 'a ü', start: 0, end: 60_000 }])
    expect((await past.head('big'))?.size).toBe(20_060_000)
    const folder = await temporaryFolder()
    await through.download('big', join(folder, 'big'))
    expect(await readFile(join(folder, 'big'))).toHaveLength(20_060_000)
    expect(proxy.requests).toBeGreaterThan(8)
    expect(proxy.struck).toEqual({ status: 0, reset: 0, 'cut-request': 0, 'lost-answer': 0, 'cut-answer': 0, stall: 0 })
  })

  const once = (fault: Fault) => {
    let left = 1
    return () => (left-- > 0 ? fault : undefined)
  }

  it.each<Fault>([
    SLOW_DOWN,
    INTERNAL,
    { kind: 'reset' },
    { kind: 'cut-request' },
    { kind: 'lost-answer' },
    { kind: 'stall', ms: 10 },
  ])('fails once with $kind $status, and the next try gets through', async (fault) => {
    const { proxy, through, past } = await stores()
    proxy.fail(once(fault))
    const bytes = new Uint8Array(300_000).fill(5)
    await through.put('a', bytes)
    expect(proxy.struck[fault.kind]).toBe(1)
    expect(proxy.requests).toBeGreaterThan(1)
    expect(Buffer.from(await past.get('a')).equals(bytes)).toBe(true)
  })

  it('lets the server do what it then answers nothing to', async () => {
    const { proxy, through } = await stores()
    proxy.fail(once({ kind: 'lost-answer' }))
    // The one that is there is one's own.
    expect(await through.putIfAbsent('a', 'x')).toBe(false)
  })

  it('breaks answers off in the middle of their body', async () => {
    const { proxy, through, past } = await stores()
    await past.put('a', new Uint8Array(3_000_000).fill(5))
    proxy.fail(once({ kind: 'cut-answer' }))
    expect(await through.get('a')).toHaveLength(3_000_000)
    expect(proxy.struck['cut-answer']).toBe(1)
  })

  it('refuses until it is mended', async () => {
    const { proxy, through } = await stores()
    proxy.fail(() => DENIED)
    await expect(through.put('a', 'x')).rejects.toMatchObject({ code: 'STORE_UNUSABLE' })
    await expect(through.head('a')).rejects.toMatchObject({ code: 'STORE_UNUSABLE' })
    proxy.mend()
    await through.put('a', 'x')
  })

  it('strikes the same requests for the same seed, and about as many as it is told to', () => {
    const draw = () => {
      let seed = 7
      const random = () => {
        seed = (seed * 16_807) % 2_147_483_647
        return seed / 2_147_483_647
      }
      const rule = sometimes(1 / 3, [SLOW_DOWN, { kind: 'reset' }], random)
      return Array.from({ length: 3000 }, () => rule()?.kind)
    }
    const kinds = draw()
    expect(kinds).toEqual(draw())
    expect(kinds.filter((kind) => kind === 'status').length).toBeGreaterThan(400)
    expect(kinds.filter((kind) => kind === 'reset').length).toBeGreaterThan(400)
    expect(kinds.filter((kind) => kind === undefined).length).toBeGreaterThan(1900)
  })
})
