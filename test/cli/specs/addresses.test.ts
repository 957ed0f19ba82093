import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { openSpecs } from '../../../src/cli/specs/open.js'
import { compileExperiment } from '../../../src/experiment/compile.js'
import { openStore } from '../../../src/store/open.js'
import { encodeTable } from '../../../src/table/writer.js'
import { collect } from '../../support/collect.js'
import { hasS3, type S3Server, startS3Server } from '../../support/s3.js'
import { tableOf } from './workbooks.js'

const experiment = compileExperiment(
  { input: z.object({ n: z.int() }), output: z.object({}) },
  function count() {},
  'file:///count.js',
)

const specsOf = async (...addresses: string[]) => collect(await openSpecs(addresses, experiment))

const columns = [{ name: 'n', type: { kind: 'int64' } }] as const
const files = {
  'a.csv': Buffer.from('n\n1\n'),
  'a.jsonl.gz': gzipSync('{"n":2}\n'),
  'a.json': Buffer.from('[{"n":3}]'),
  'a b%20ü.pq': Buffer.from(encodeTable({ columns, index: [] }, { n: [4] }, 1)),
  'a.xlsx': tableOf(['n'], [5]),
  'a.xlsx.gz': gzipSync(tableOf(['n'], [6])),
}
const all = Array.from({ length: 6 }, (_, i) => ({ n: i + 1 }))

describe.skipIf(!(await hasS3('specs in S3')))('specs in S3', () => {
  let server: S3Server
  const at = (name: string) => `s3://${server.bucket}/tables/${name}`
  beforeAll(async () => {
    server = await startS3Server()
    Object.assign(process.env, server.env)
    const store = openStore(`s3://${server.bucket}`)
    for (const [name, content] of Object.entries(files)) await store.put(`tables/${name}`, content)
    await store.close()
    return () => server.stop()
  })

  it('are read in any format', async () => {
    expect(await specsOf(...Object.keys(files).map(at))).toEqual(all)
  })

  it('have a position in their file', async () => {
    await expect(specsOf(at('a.csv'), at('none.csv'))).rejects.toMatchObject({
      code: 'SPECS_UNREADABLE',
      file: at('none.csv'),
    })
  })
})

it('specs on a server are read in any format', async () => {
  const server = createServer(({ url }, response) => {
    const content = files[decodeURIComponent(url!.slice(1)) as 'a.csv']
    response.writeHead(content ? 200 : 404).end(content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const at = (name: string) => `http://127.0.0.1:${port}/${encodeURIComponent(name)}`
  expect(await specsOf(...Object.keys(files).map(at))).toEqual(all)
  await expect(specsOf(at('none.xlsx'))).rejects.toMatchObject({ code: 'SPECS_UNREADABLE', file: at('none.xlsx') })
})
