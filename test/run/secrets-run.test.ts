import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { BaseExperiment, localEngine } from '../../src/index.js'
import { fetching } from '../fixtures/fetching.js'
import { collect } from '../support/collect.js'
import { temporaryFolder } from '../support/folders.js'

it('passwords and signatures in addresses are stored in the specs alone, and no local run reaches addresses that hand out credentials', async () => {
  const server = createServer((request, response) => {
    const isMe = request.headers.authorization === `Basic ${Buffer.from('me:secret1').toString('base64')}`
    response.end(request.url === '/empty' || !isMe ? '' : 'content')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const engine = await localEngine({ slots: 1 })
  onTestFinished(() => engine.close())
  const store = await temporaryFolder()
  const at = (path: string) => `http://me:secret1@127.0.0.1:${(server.address() as AddressInfo).port}${path}`
  const experiment = new BaseExperiment({ runnable: fetching, store })
  const files = [at('/full?sig=secret2&n=1'), at('/empty'), 'http://169.254.169.254/latest?token=secret2']
  const { run, ref } = await experiment.allocate(
    files.map((file) => ({ file })),
    { engine },
  )
  expect(await ref.result()).toMatchObject({ results: 1, errors: 2 })
  expect(await collect(run.rows('scalars'))).toMatchObject([
    { content: 'content', file: expect.stringMatching(/^http:\/\/\*\*\*@127.0.0.1:\d+\/full\?sig=\*\*\*&n=1$/) },
  ])
  expect(await collect(run.errors())).toMatchObject([
    { error_message: 'https://***@host/?sig=*** has nothing' },
    {
      error_message: expect.stringContaining('http://169.254.169.254/latest?token=***: 169.254.169.254 is a metadata'),
    },
  ])
  const holders: string[] = []
  for (const entry of await readdir(join(store, run.id), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && /secret[12]/.test(await readFile(path, 'latin1'))) holders.push(entry.name)
  }
  expect(holders).toEqual(['specs.pq'])
})
