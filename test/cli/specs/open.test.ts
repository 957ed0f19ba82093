import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { openSpecs, type SpecsOptions } from '../../../src/cli/specs/open.js'
import { compileExperiment } from '../../../src/experiment/compile.js'
import { placeOf } from '../../../src/run/spec-place.js'
import { encodeTable } from '../../../src/table/writer.js'
import { collect } from '../../support/collect.js'
import { temporaryFolder } from '../../support/folders.js'

const experiment = compileExperiment(
  { input: z.object({ n: z.int(), at: z.iso.datetime().optional() }), output: z.object({}) },
  function count() {},
  'file:///count.js',
)

/** "n" in two lines, packed by `zstd`. */
const ZSTD = Buffer.from('KLUv/QRYIQAAbgoxCq1lIpw=', 'base64')

async function folderWith(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = await temporaryFolder()
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return (name: string) => join(folder, name)
}

const specsOf = async (addresses: readonly string[], options?: SpecsOptions) =>
  collect(await openSpecs(addresses, experiment, options))

async function served(content: string | Uint8Array): Promise<string> {
  const server = createServer((_, response) => response.end(content))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const parquet = encodeTable(
  {
    columns: [
      { name: 'n', type: { kind: 'int64' } },
      { name: 'at', type: { kind: 'timestamp' } },
    ],
    index: [],
  },
  { n: [1, 2], at: [new Date(1000), null] },
  2,
)

describe('opened specs', () => {
  it('may be compressed, in any format', async () => {
    const path = await folderWith({
      'a.csv.gz': gzipSync('n\n1\n'),
      'a.CSV.GZ': Buffer.concat([gzipSync('n\n'), gzipSync('2\n')]),
      'a.tsv.zst': ZSTD,
      'a.json.gz': gzipSync('[{"n":3}]'),
      'a.pq.gz': gzipSync(parquet),
    })
    expect(await specsOf(['a.csv.gz', 'a.CSV.GZ', 'a.tsv.zst', 'a.json.gz'].map(path))).toEqual([
      { n: 1 },
      { n: 2 },
      { n: 1 },
      { n: 3 },
    ])
    expect(await specsOf([path('a.pq.gz')])).toEqual([{ n: 1, at: '1970-01-01T00:00:01.000Z' }, { n: 2 }])
  })

  it('are rejected if a compressed file is truncated', async () => {
    const packed = gzipSync('n\n'.concat('1\n'.repeat(1000)))
    const path = await folderWith({
      'a.csv.gz': packed.subarray(0, packed.length - 9),
      'b.csv.zst': ZSTD.subarray(0, 14),
    })
    for (const name of ['a.csv.gz', 'b.csv.zst']) {
      await expect(specsOf([path(name)])).rejects.toMatchObject({ code: 'SPECS_UNREADABLE', file: path(name) })
    }
  })

  it('are read from several files in order, and from the files that match a pattern by name', async () => {
    const path = await folderWith({ 'b.csv': 'n\n2\n', 'a.csv': 'n\n1\n', 'c.jsonl': '{"n":3}\n', '[x].csv': 'n\n4\n' })
    expect(await specsOf([path('c.jsonl'), path('?.csv')])).toEqual([{ n: 3 }, { n: 1 }, { n: 2 }])
    expect(await specsOf([path('[x].csv')])).toEqual([{ n: 4 }])
    await expect(specsOf([path('*.pq')])).rejects.toThrow('no file matches the pattern')
  })

  it('are read from a server', async () => {
    const address = await served('n\n1\n')
    expect(await specsOf([`${address}/specs.csv?token=a.b`])).toEqual([{ n: 1 }])
    expect(await specsOf([`${await served(parquet)}/specs.pq`])).toHaveLength(2)
  })

  it('have a position in their file', async () => {
    const path = await folderWith({ 'a.csv': '\nn\n1\n\n2\n', 'b.json': '[{"n":3},\n{"n":4}]' })
    const places = async (...names: string[]) => {
      const specs = await openSpecs(names.map(path), experiment)
      const found: string[] = []
      for await (const _ of specs) found.push(placeOf(specs, 0))
      return found
    }
    expect(await places('a.csv')).toEqual(['line 3', 'line 5'])
    expect(await places('b.json')).toEqual(['item 1 (line 1)', 'item 2 (line 2)'])
    expect(await places('b.json', 'a.csv')).toContain(`line 5 of ${path('a.csv')}`)
  })

  it('may have columns that the input does not name, if these are ignored', async () => {
    const path = await folderWith({ 'a.csv': 'n,x\n1,2\n' })
    expect(await specsOf([path('a.csv')])).toEqual([{ n: 1, x: '2' }])
    expect(await specsOf([path('a.csv')], { extra: 'ignore' })).toEqual([{ n: 1 }])
  })

  it.each([
    ['a.txt', 'Expected --specs to end in .csv'],
    ['a', 'Expected --specs to end in .csv'],
    ['none.csv', 'there is no such file'],
    ['folder.csv', 'it is a folder'],
  ])('are rejected if they cannot be read: %s', async (name, message) => {
    const path = await folderWith({ 'a.txt': 'n\n1\n', 'folder.csv/x': '' })
    await expect(specsOf([path(name)])).rejects.toThrow(message)
  })
})
