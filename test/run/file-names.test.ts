import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { BaseExperiment, localEngine, openStore, type Run } from '../../src/index.js'
import { awkwardNames } from '../store/names.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'
import { hasS3, type S3Server, startS3Server } from '../support/s3.js'
import { reading } from './fixtures/reading.js'

const WRITTEN = 'Ergebnis größe.tar.gz'

/** Files of such names in two folders, each with content of its own, as specs: half of them by path, half by URL. */
async function manyFiles(names: readonly string[]) {
  const folder = await temporaryFolder()
  const specs: { '50% größe #1': string; write: string }[] = []
  for (const place of ['50% [of] #1?', 'b']) {
    await mkdir(join(folder, place))
    for (const [index, name] of names.entries()) {
      const path = join(folder, place, name)
      await writeFile(path, `content of ${place}/${name}`)
      specs.push({ '50% größe #1': index % 2 ? path : pathToFileURL(path).href, write: index % 3 ? WRITTEN : name })
    }
  }
  const texts = ['50% [of] #1?', 'b'].flatMap((place) => names.map((name) => `content of ${place}/${name}`))
  return { specs, texts }
}

async function runAll(store: string, specs: Awaited<ReturnType<typeof manyFiles>>['specs']): Promise<Run> {
  const engine = await localEngine({ slots: 2 })
  try {
    const { run, ref } = await new BaseExperiment({ runnable: reading, store }).allocate(specs, { engine, batch: 30 })
    expect(await ref.result()).toMatchObject({ results: specs.length, errors: 0 })
    return run
  } finally {
    await engine.close()
  }
}

async function column(run: Run, table: string, name: string): Promise<string[]> {
  return (await collect(run.rows(table))).map((row) => String(row[name]))
}

describe('files of any name in a folder', () => {
  it('are read and written separately, under their own names', async () => {
    const strange = [
      ...['rain', 'Rain', 'RAin', 'rAin', 'raiN', 'rAIN'],
      'line\nbreak.epw',
      'line_break.epw',
      'back\\slash',
      `${'long'.repeat(60)}.epw`,
    ]
    const names = [...awkwardNames, ...strange]
    const { specs, texts } = await manyFiles(names)
    const kept = awkwardNames.length + 6
    const run = await runAll(join(await temporaryFolder(), 'runs 100% #ü'), specs)
    expect(await column(run, 'scalars', 'text')).toEqual(texts)
    expect((await column(run, 'scalars', 'name')).slice(0, kept)).toEqual(names.slice(0, kept))
    const reports = await column(run, 'result_file_refs', 'report ü%')
    expect(await Promise.all(reports.map((uri) => readFile(fileURLToPath(uri), 'utf8')))).toEqual(texts)
    for (const [index, uri] of reports.entries()) {
      expect(await run.locate(uri)).toBe(uri)
      if (specs[index]!.write === WRITTEN) expect(basename(uri)).toBe(`${index}.tar.gz`)
    }
  })
})

describe.skipIf(!(await hasS3('files of any name in S3')))('files of any name in S3', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await startS3Server()
    Object.assign(process.env, server.env)
    return () => server.stop()
  })

  it('are read and written separately, under their own names', async () => {
    const { specs, texts } = await manyFiles(awkwardNames)
    const address = `s3://${server.bucket}/runs 100% #ü`
    const run = await runAll(address, specs)
    expect(await column(run, 'scalars', 'text')).toEqual(texts)
    expect((await column(run, 'scalars', 'name')).slice(0, awkwardNames.length)).toEqual(awkwardNames)
    const store = openStore(address)
    const reports = await column(run, 'result_file_refs', 'report ü%')
    const read = reports.map(async (uri) => Buffer.from(await store.get(store.keyOf(uri)!)).toString())
    expect(await Promise.all(read)).toEqual(texts)
    // As boto3 and fsspec take it: the key, and nothing escaped.
    expect(reports[0]).toMatch(new RegExp(`^${address}/.*/results/report ü%/.*/0.epw$`))

    const others = [...awkwardNames.keys()].map((n) => `${address}/${n}/${awkwardNames[n]}`)
    for (const [index, uri] of others.entries()) await store.put(store.keyOf(uri)!, `object ${index}`)
    const again = await runAll(
      address,
      others.map((uri) => ({ '50% größe #1': uri, write: 'x' })),
    )
    expect(await column(again, 'scalars', 'text')).toEqual(others.map((_, index) => `object ${index}`))
    expect(await column(again, 'scalars', 'name')).toEqual(awkwardNames)
    await store.close()
  })
})
