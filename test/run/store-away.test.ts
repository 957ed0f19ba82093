import { execFileSync } from 'node:child_process'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { BaseExperiment, localEngine, openStore, type Run, type RunProgress } from '../../src/index.js'
import { listenToTroubles } from '../../src/store/troubles.js'
import { type FaultProxy, startFaultProxy } from '../../tools/s3/fault-proxy.js'
import { DENIED, type Fault, INTERNAL, SLOW_DOWN, sometimes } from '../../tools/s3/faults.js'
import { failing, profile } from '../fixtures/experiments.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'
import { leftOut } from '../support/left-out.js'
import { hasS3, type S3Server, startS3Server } from '../support/s3.js'

const SPECS = 300
const specs = Array.from({ length: SPECS }, (_, n) => ({ n, ms: 10 }))

async function engineOf(slots = 2) {
  const engine = await localEngine({ slots })
  onTestFinished(() => engine.close())
  return engine
}

/** Says when a store is waited for, which is two seconds after it has gone. */
function whenMissed(): Promise<string> {
  return new Promise((resolve) => {
    const deaf = listenToTroubles(({ reason }, over) => {
      if (!over) resolve(reason)
    })
    onTestFinished(deaf)
  })
}

/** Runs specs of `failing`, has the store go away when some are done, and come back when that is noticed. */
async function runThrough(store: string, away: () => Promise<void> | void, back: () => Promise<void> | void) {
  const heard: RunProgress[] = []
  let go: () => void = () => {}
  const gone = new Promise<void>((resolve) => {
    go = resolve
  })
  const missed = whenMissed()
  const { run, ref } = await new BaseExperiment({ runnable: failing, store }).allocate(specs, {
    engine: await engineOf(),
    batch: 10,
    onProgress(progress) {
      heard.push(progress)
      if (progress.done >= SPECS / 5) go()
    },
  })
  const result = ref.result()
  result.catch(() => {})
  await gone
  await away()
  const reason = await missed
  await back()
  expect(await result).toMatchObject({ specs: SPECS, results: SPECS, errors: 0 })
  const rows = await collect(run.rows('scalars'))
  expect(rows.map(({ twice }) => twice)).toEqual(specs.map(({ n }) => n * 2))
  expect(await namedParts(run)).toEqual(await partsOf(run))
  return { reason, waits: new Set(heard.flatMap(({ waitingFor = [] }) => waitingFor)), last: heard.at(-1) }
}

function folderOf(run: Run) {
  return openStore(run.uri)
}

async function partsOf(run: Run): Promise<string[]> {
  return (await collect(folderOf(run).list('parts/'))).map(({ key }) => key).sort()
}

/** What receipts name. */
async function namedParts(run: Run): Promise<string[]> {
  const folder = folderOf(run)
  const named = new Set<string>()
  for await (const { key } of folder.list('receipts/')) {
    const { tables } = JSON.parse(Buffer.from(await folder.get(key)).toString())
    for (const parts of Object.values(tables) as { key: string }[][]) for (const part of parts) named.add(part.key)
  }
  return [...named].sort()
}

describe('a run whose folder', () => {
  it('is gone for a while ends with all rows, and reports what it waited for', async () => {
    const store = join(await temporaryFolder(), 'store')
    const { reason, waits, last } = await runThrough(
      store,
      () => rename(store, `${store}-away`),
      () => rename(`${store}-away`, store),
    )
    expect(reason).toBe('ENOENT')
    expect([...waits]).toEqual(['the store (ENOENT)'])
    expect(last).toEqual({ specs: SPECS, done: SPECS, errors: 0 })
  })

  const mountable = canMount()
  if (!mountable) leftOut('a store on a full disk', 'this user may not mount a tmpfs.')
  it.skipIf(!mountable)('is full for a while ends with all rows', async () => {
    const disk = await temporaryFolder()
    mount('-t', 'tmpfs', '-o', 'size=2m', 'none', disk)
    onTestFinished(() => {
      execFileSync('sh', ['-c', 'umount -l "$0"', disk])
    })
    const store = join(disk, 'store')
    await mkdir(store)
    const filler = join(disk, 'filler')
    const { reason } = await runThrough(
      store,
      () => {
        execFileSync('sh', ['-c', `head -c 10000000 /dev/zero > "$0" 2>/dev/null || true`, filler])
      },
      () => mount('-o', 'remount,size=64m', disk),
    )
    expect(reason).toBe('ENOSPC')
  })
})

function mount(...args: string[]): void {
  execFileSync('sh', ['-c', 'mount "$@"', 'sh', ...args], { stdio: 'pipe' })
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    execFileSync('sh', ['-c', 'd=$(mktemp -d) && mount -t tmpfs none "$d" && umount "$d" && rmdir "$d"'], {
      stdio: 'pipe',
    })
    return true
  } catch {
    return false
  }
}

describe.skipIf(!(await hasS3('runs whose bucket fails')))('a run whose bucket', () => {
  let server: S3Server

  beforeAll(async () => {
    server = await startS3Server()
    return () => server.stop()
  })

  /** The bucket behind a proxy, for all of this process. */
  async function behindProxy(): Promise<{ proxy: FaultProxy; store: string }> {
    const proxy = await startFaultProxy(server.endpoint)
    Object.assign(process.env, server.env, { AWS_ENDPOINT_URL_S3: proxy.endpoint })
    onTestFinished(() => proxy.close())
    return { proxy, store: `s3://${server.bucket}/${crypto.randomUUID()}` }
  }

  it.each<[string, Fault]>([
    ['503 SlowDown', SLOW_DOWN],
    ['500 InternalError', INTERNAL],
    ['403 AccessDenied', DENIED],
    ['ECONNRESET', { kind: 'reset' }],
    ['ECONNRESET', { kind: 'lost-answer' }],
    ['ECONNRESET', { kind: 'cut-request' }],
  ])('answers only %s for a while ends with all rows', async (expected, fault) => {
    const { proxy, store } = await behindProxy()
    const { reason } = await runThrough(
      store,
      () => proxy.fail(() => fault),
      () => proxy.mend(),
    )
    expect([expected, expected.replace(/ .*/, ' Forbidden')]).toContain(
      reason.replace(/ (Service|Internal) .*/, expected.replace(/^\d+/, '')),
    )
  })

  it('fails a third of all requests in every way ends with the tables of an undisturbed run', async () => {
    const { proxy, store } = await behindProxy()
    const inputs = Array.from({ length: 200 }, (_, n) => ({ base: n, steps: n % 4 }))
    async function tables() {
      const experiment = new BaseExperiment({ runnable: profile, store })
      const { run, ref } = await experiment.allocate(inputs, { engine: await engineOf(), batch: 8 })
      expect(await ref.result()).toMatchObject({ results: 200, errors: 0 })
      const places = ['experiment_id', 'workflow_run_id', 'root_workflow_run_id', 'report']
      const timeless = (row: Record<string, unknown>) =>
        Object.fromEntries(Object.entries(row).filter(([name]) => !places.includes(name)))
      return {
        scalars: (await collect(run.rows('scalars'))).map(timeless),
        levels: (await collect(run.rows('levels'))).map(timeless),
      }
    }
    const undisturbed = await tables()
    const faults: Fault[] = [
      SLOW_DOWN,
      INTERNAL,
      { kind: 'reset' },
      { kind: 'cut-request' },
      { kind: 'lost-answer' },
      { kind: 'cut-answer' },
      { kind: 'stall', ms: 50 },
    ]
    proxy.fail(sometimes(1 / 3, faults))
    expect(await tables()).toEqual(undisturbed)
    proxy.mend()
    expect(Object.values(proxy.struck).every((count) => count > 5)).toBe(true)
    const runs = await openStore(store).listFolders('scythe_experiment_profile/')
    expect(runs).toEqual(['v1.0.0', 'v2.0.0'])
    // The answer to a claim may be lost: it is still one claim.
    expect(await openStore(store).listFolders('scythe_experiment_profile/v2.0.0/')).toHaveLength(1)
  })

  it('refuses access from the beginning fails at once, with the status', async () => {
    const { proxy, store } = await behindProxy()
    proxy.fail(() => DENIED)
    const allocating = new BaseExperiment({ runnable: failing, store }).allocate(specs, { engine: await engineOf() })
    await expect(allocating).rejects.toMatchObject({ code: 'STORE_UNUSABLE', reason: '403 AccessDenied' })
    expect(proxy.struck.status).toBeLessThan(4)
  })

  it('is away can be cancelled at once, and resumed later without an error row', async () => {
    const { proxy, store } = await behindProxy()
    const missed = whenMissed()
    const { run, ref } = await new BaseExperiment({ runnable: failing, store }).allocate(specs, {
      engine: await engineOf(),
      batch: 10,
      onProgress: ({ done }) => {
        if (done > 50) proxy.fail(() => SLOW_DOWN)
      },
    })
    const result = ref.result()
    result.catch(() => {})
    await missed
    const cancelled = performance.now()
    await ref.cancel()
    await expect(result).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(performance.now() - cancelled).toBeLessThan(10_000)
    proxy.mend()
    expect(await run.status()).toMatchObject({ errors: 0, state: 'open' })
    expect(await (await run.resume({ engine: await engineOf() })).result()).toMatchObject({ results: SPECS, errors: 0 })
  })
})
