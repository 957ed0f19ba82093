import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { BaseExperiment, localEngine, openRun, openStore, type Run, type Store } from '../../src/index.js'
import { finishRun } from '../../src/scatter/finish.js'
import { jsonText } from '../../src/scatter/read-json.js'
import { readReceipt, setReceiptAside } from '../../src/scatter/receipt.js'
import { openRunFolder } from '../../src/scatter/run-folder.js'
import { profile } from '../fixtures/experiments.js'
import { temporaryFolder } from '../support/folders.js'
import { hasS3, startS3Server } from '../support/s3.js'
import { all, change, copyOf, cut, type Damage, flip, gone, keysOf, tablesOf, unfinish } from './damage.js'

const specs = Array.from({ length: 48 }, (_, n) => ({ base: n / 4, steps: n % 3 }))

const s3Here = await hasS3('mending runs in S3')

async function engine() {
  const engine = await localEngine({ slots: 2 })
  onTestFinished(() => engine.close())
  return engine
}

/** What was written to stderr since. */
function warnings(): () => string {
  const write = vi.spyOn(process.stderr, 'write')
  onTestFinished(() => write.mockRestore())
  return () => write.mock.calls.map(([text]) => String(text)).join('')
}

const receipts = (pattern: RegExp, edit: Parameters<typeof change>[2]) =>
  all(unfinish, change('receipts/', pattern, edit))
const parts = (pattern: RegExp, edit: Parameters<typeof change>[2]) => all(unfinish, change('parts/', pattern, edit))
const BATCH = /0{12}-0{10}04[.-]/
const FAN = /0{12}-0{10}(1|2)\d[.-]/

const mended: Record<string, Damage> = {
  'a flipped byte in a part': parts(/scalars/, flip(0.3)),
  'a flipped byte in a part of a table of the user': parts(/levels/, flip(0.2)),
  'a flipped byte in the footer of a part': parts(/scalars/, flip(0.8)),
  'a part cut short': parts(/scalars/, cut),
  'a part without bytes': parts(/scalars/, () => ''),
  'a part that is gone': parts(/scalars/, gone),
  "a part of a fan's that is gone": parts(new RegExp(`${FAN.source}.*scalars`), gone),
  'all parts gone': all(unfinish, async (folder) => folder.delete(await keysOf(folder, 'parts/'))),
  'a receipt of garbage': receipts(BATCH, () => 'garbage'),
  'an empty receipt': receipts(BATCH, () => ''),
  'a flipped byte in a receipt': receipts(BATCH, flip(0.4)),
  "a fan's receipt of garbage": receipts(FAN, () => '{"format":1'),
  'a receipt that is gone': receipts(BATCH, gone),
  'a receipt that names a part that never existed': receipts(/receipt/, (bytes) => {
    const { crc32: _, ...receipt } = JSON.parse(Buffer.from(bytes).toString())
    receipt.tables.scalars[0].key = 'parts/nowhere/scalars-0.pq'
    return jsonText(receipt)
  }),
  'a receipt that counts other rows than its part has': receipts(/receipt/, (bytes) => {
    const { crc32: _, ...receipt } = JSON.parse(Buffer.from(bytes).toString())
    receipt.tables.scalars[0].rows += 1
    return jsonText(receipt)
  }),
  'a plan of garbage': all(
    unfinish,
    change('plan.json', /./, () => 'garbage'),
  ),
  'a plan that is gone': all(unfinish, change('plan.json', /./, gone)),
  'a plan for other specs': all(
    unfinish,
    change('plan.json', /./, () => jsonText({ format: 1, specs: 50, pilot: [], batch: 9, factor: 4, depth: 0 })),
  ),
  'a final table that is gone': change('final/', /scalars/, gone),
  'a final table cut short': change('final/', /scalars/, cut),
  'a flipped byte in a final table': change('final/', /levels/, flip(0.2)),
  'all final tables gone, and a part': all(
    async (folder) => folder.delete(await keysOf(folder, 'final/')),
    change('parts/', /scalars/, gone),
  ),
  "the run's receipt of garbage": change('receipt.json', /./, () => 'garbage'),
  "a flipped byte in the run's receipt": change('receipt.json', /./, flip(0.5)),
  "the run's receipt gone": change('receipt.json', /./, gone),
  'a root of garbage': all(unfinish, (folder) => folder.put('root.json', 'garbage')),
}

describe('resuming a run', { timeout: 120_000 }, () => {
  let store: Store
  let whole: Run
  let tables: Awaited<ReturnType<typeof tablesOf>>

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scythe-mend-'))
    store = openStore(folder)
    const engine = await localEngine({ slots: 2 })
    const layout = { batch: 4, recursionMap: { factor: 3, maxDepth: 1 }, engine }
    const { run, ref } = await new BaseExperiment({ runnable: profile, store }).allocate(specs, layout)
    expect(await ref.result()).toMatchObject({ results: 48, errors: 0 })
    await engine.close()
    whole = run
    tables = await tablesOf(run)
    return () => rm(folder, { recursive: true })
  })

  async function damagedRun(damage: Damage, to?: Store) {
    const elsewhere = to ?? openStore(await temporaryFolder())
    const folder = await copyOf(whole, store, elsewhere, damage)
    return { run: await openRun(elsewhere, whole.id), folder }
  }

  it.each(Object.entries(mended))('repairs %s', async (_, damage) => {
    const { run, folder } = await damagedRun(damage)
    const result = await (await run.resume({ engine: await engine() })).result()
    expect(result).toMatchObject({ specs: 48, results: 48, errors: 0 })
    expect(await tablesOf(run)).toEqual(tables)
    expect(await run.status()).toMatchObject({ state: 'done', results: 48, open: 0 })
    // What damaged attempts left is gone: each range has one.
    const ranges = (await folder.listFolders('parts/')).map((attempt) => attempt.split('-', 2).join('-'))
    expect(ranges).toEqual([...new Set(ranges)])
  })

  it('runs only the damaged ranges, and names them', async () => {
    const said = warnings()
    const { run, folder } = await damagedRun(parts(new RegExp(`${BATCH.source}.*scalars`), flip(0.3)))
    const before = await folder.listFolders('parts/')
    await change('parts/', FAN, gone)(folder)
    await (await run.resume({ engine: await engine() })).result()
    const after = await folder.listFolders('parts/')
    // The batch, and the fan above it.
    expect(after.filter((attempt) => !before.includes(attempt))).toHaveLength(2)
    expect(said()).toMatch(/parts\/0+-0+4-.*scalars-0\.pq is damaged: .*do not fit/)
    expect(said()).toMatch(/receipts\/receipt-0+-0+4\.json is set aside/)
  })

  it('keeps the final tables if receipts were set aside after they were read', async () => {
    const elsewhere = openStore(await temporaryFolder())
    const { run, folder } = await damagedRun((folder) => folder.delete(['receipt.json']), elsewhere)
    const opened = await openRunFolder(elsewhere, run.id)
    const ranges = Array.from({ length: 12 }, (_, n) => ({ start: 4 * n, end: 4 * n + 4 }))
    const receipts = await Promise.all(ranges.map(async (range) => (await readReceipt(folder, range))!))
    const before = await folder.get('final/scalars.pq')
    await setReceiptAside(folder, receipts[1]!, 'another root found a part of it damaged')
    await expect(finishRun(opened, receipts, 0)).rejects.toMatchObject({ code: 'RECEIPTS_CHANGED' })
    expect(await folder.get('final/scalars.pq')).toEqual(before)
    const result = await (await run.resume({ engine: await engine() })).result()
    expect(result).toMatchObject({ results: 48, errors: 0 })
    expect(await tablesOf(run)).toEqual(tables)
  })

  it('does no harm if two processes resume at once', async () => {
    const { run, folder } = await damagedRun(
      all(unfinish, async (folder) => folder.delete(await keysOf(folder, 'parts/', /scalars/))),
    )
    const engines = [await engine(), await engine()]
    const refs = await Promise.all(engines.map((engine) => run.resume({ engine })))
    for (const ref of refs) expect(await ref.result()).toMatchObject({ results: 48, errors: 0 })
    await (await run.resume({ engine: engines[0]!, verify: true })).result()
    expect(await tablesOf(run)).toEqual(tables)
    expect(await keysOf(folder, 'final/')).toHaveLength(Object.keys(tables).length)
  })

  it('names damaged specs, and writes no error rows for them', async () => {
    const { run } = await damagedRun(
      all(unfinish, change('specs.pq', /./, flip(0.2)), async (folder) =>
        folder.delete(await keysOf(folder, 'receipts/')),
      ),
    )
    const ref = await run.resume({ engine: await engine() })
    await expect(ref.result()).rejects.toThrow(/specs\.pq cannot be read: .*do not fit.*Nothing else has its content/s)
    expect(await run.status()).toMatchObject({ state: 'open', errors: 0 })
  })

  it('names a damaged allocation', async () => {
    const { run } = await damagedRun(change('allocation.json', /./, flip(0.4)))
    await expect(run.resume({ engine: await engine() })).rejects.toThrow(
      /allocation\.json cannot be read.*Nothing else has its content/s,
    )
  })

  it('names files that specs returned and that are gone', async () => {
    const said = warnings()
    const { run } = await damagedRun(change('results/', /report/, gone))
    await (await run.resume({ engine: await engine() })).result()
    expect(said()).toMatch(/files that specs returned are missing.*results\/report\/.*\/0\./)
  })

  it('is required for a finished run that lost a table: its state is open, and reading its rows throws', async () => {
    const { run } = await damagedRun(change('final/', /scalars/, gone))
    expect(await run.status()).toMatchObject({
      state: 'open',
      results: 48,
      damaged: [expect.stringMatching(/final\/scalars\.pq is damaged: it is missing/)],
    })
    await expect(run.rows('scalars')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'RUN_OBJECT_INVALID',
    })
  })

  it.skipIf(!s3Here)('repairs a part, a receipt, the plan and a final table in S3', async () => {
    const server = await startS3Server()
    onTestFinished(() => server.stop())
    Object.assign(process.env, server.env)
    const s3 = openStore(`s3://${server.bucket}/mend`)
    onTestFinished(() => s3.close())
    const damage = all(
      change('final/', /scalars/, cut),
      change('plan.json', /./, () => 'garbage'),
      change('receipts/', BATCH, () => 'garbage'),
      change('parts/', FAN, flip(0.3)),
      change('parts/', /levels/, gone),
    )
    const { run } = await damagedRun(damage, s3)
    expect(await run.status()).toMatchObject({ state: 'open' })
    expect(await (await run.resume({ engine: await engine() })).result()).toMatchObject({ results: 48, errors: 0 })
    expect(await tablesOf(run)).toEqual(tables)
  })
})
