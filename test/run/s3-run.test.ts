import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { BaseExperiment, localEngine, openRun, openStore, type Run } from '../../src/index.js'
import { profile } from '../fixtures/experiments.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'
import { hasS3, type S3Server, startS3Server } from '../support/s3.js'

describe.skipIf(!(await hasS3('runs in S3')))('a run in S3', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await startS3Server()
    Object.assign(process.env, server.env)
    return () => server.stop()
  })

  const totals = async (run: Run) =>
    (await collect(run.rows('scalars'))).map(({ sort_index, total }) => [sort_index, total])

  it('returns the tables that a run in a folder returns, files included, and reads alike after it is copied', async () => {
    const folder = await temporaryFolder()
    const source = join(folder, 'table.txt')
    await writeFile(source, 'one two three')
    const specs = Array.from({ length: 40 }, (_, n) => ({ base: n / 4, steps: n % 4, source }))
    const engine = await localEngine({ slots: 2 })
    const runs: Run[] = []
    for (const store of [folder, `s3://${server.bucket}/studies`]) {
      const { run, ref } = await new BaseExperiment({ runnable: profile, store }).allocate(specs, { engine, batch: 6 })
      expect(await ref.result()).toMatchObject({ results: 40, errors: 0 })
      runs.push(run)
    }
    await engine.close()
    const [local, remote] = runs as [Run, Run]
    expect(await totals(remote)).toEqual(await totals(local))
    const [first] = await collect(remote.rows('result_file_refs'))
    expect(first!.report).toMatch(
      new RegExp(`^s3://${server.bucket}/studies/scythe_experiment_profile/v1.0.0/.*/results/report/`),
    )

    const elsewhere = await temporaryFolder()
    const store = openStore(`s3://${server.bucket}/studies`)
    for await (const { key } of store.list(`${remote.id}/`)) {
      await mkdir(dirname(join(elsewhere, key)), { recursive: true })
      await store.download(key, join(elsewhere, key))
    }
    await store.close()
    const copy = await openRun(openStore(elsewhere), remote.id)
    expect(await copy.status()).toEqual(await remote.status())
    expect(await totals(copy)).toEqual(await totals(local))
    expect((await copy.results()).scalars!.uri).toMatch(/^file:/)
    expect(await copy.locate(first!.report as string)).toMatch(/^file:.*\/results\/report\//)
  })
})
