import { readdirSync } from 'node:fs'
import { watch, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { openSpecs } from '../../../src/cli/specs/open.js'
import { compileExperiment } from '../../../src/experiment/compile.js'
import { temporaryFolder } from '../../support/folders.js'
import { ended, fixture, scythe, startScythe } from '../scythe.js'
import { tableOf } from './workbooks.js'

const WEATHER = fixture('weather.ts')
const GROWTH = fixture('growth.ts')

/** Everything that a store has of runs, of whatever version. */
function leftIn(folder: string): string[] {
  const all = readdirSync(join(folder, '.scythe'), { recursive: true, withFileTypes: true })
  return all.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

describe('a spec that names a missing file', () => {
  const rows = Array.from({ length: 20 }, (_, n) => [n, n === 17 ? 'none.epw' : 'there.epw'])
  const csv = ['n,weather', '', ...rows.map((row) => row.join(','))].join('\n')

  it.each([
    ['a.csv', csv, 'line 20'],
    ['a.xlsx', tableOf(['n', 'weather'], [], ...rows), 'row 20 of sheet Specs'],
    ['a.jsonl', rows.map(([n, weather]) => JSON.stringify({ n, weather })).join('\n'), 'line 18'],
  ])('is reported with its position in %s, and nothing is written', async (name, content, place) => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, name), content)
    await writeFile(join(folder, 'there.epw'), '')
    const { code, stderr } = await scythe(folder, ['run', WEATHER, '--specs', name])
    expect(code).toBe(2)
    const path = join(folder, 'none.epw')
    expect(stderr).toContain(`The file of ${place}, field weather, cannot be read: ${path} is not there.`)
    expect(leftIn(folder)).toEqual([])
  })

  it('is reported with the file of specs, if there are several', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.csv'), 'n,weather\n1,there.epw\n')
    await writeFile(join(folder, 'b.csv'), 'n,weather\n2,.\n')
    await writeFile(join(folder, 'there.epw'), '')
    const { stderr } = await scythe(folder, ['run', WEATHER, '--specs', 'a.csv', '--specs', 'b.csv'])
    expect(stderr).toContain(
      `The file of line 2 of b.csv, field weather, cannot be read: ${folder} (it is not a file).`,
    )
  })
})

describe('a run that is stopped while its specs are read', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s writes nothing, and leaves its version to the next run',
    async (signal) => {
      const folder = await temporaryFolder()
      const changes = watch(folder)
      const child = startScythe(folder, ['run', GROWTH, '--specs', '-', '--json'])
      child.stdin!.write('n\n1\n')
      // The run's folder is claimed; more specs are waited for.
      for await (const { filename } of changes) if (filename === '.scythe') break
      child.kill(signal)
      const { code, stdout } = await ended(child)
      expect(code).toBe(130)
      expect(JSON.parse(stdout).error).toMatchObject({ code: 'CANCELLED' })
      expect(leftIn(folder)).toEqual([])
      const next = await scythe(folder, ['run', GROWTH, '--grid', 'n=1', '--json'])
      expect(JSON.parse(next.stdout).run).toContain('/v1.0.0/')
    },
  )

  it.each(['1', 'x'])('writes nothing, even if specs with the rate %s are generated without a pause', async (rate) => {
    const folder = await temporaryFolder()
    const changes = watch(folder)
    const child = startScythe(folder, ['run', GROWTH, '--grid', `n=1:1000000000:1,rate=${rate}`, '--json'])
    for await (const { filename } of changes) if (filename === '.scythe') break
    child.kill('SIGINT')
    expect((await ended(child)).code).toBe(130)
    expect(leftIn(folder)).toEqual([])
  })
})

describe.skipIf(process.platform !== 'linux')('specs that are rejected', () => {
  const experiment = compileExperiment(
    { input: z.object({ n: z.int() }), output: z.object({ y: z.int() }) },
    function grow() {},
    'file:///grow.js',
  )
  const openFiles = () => readdirSync('/proc/self/fd').length

  it.each([
    ['header.csv', 'n,n\n1,2\n'],
    ['first.csv', 'n\n"1\n'],
    ['late.csv', `n\n${'1\n'.repeat(300_000)}"`],
    ['bytes.csv', Buffer.from([0x6e, 0x0a, 0xff])],
    ['packed.csv.gz', gzipSync('n\n1\n').subarray(0, 20)],
    ['packed.csv.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xff])],
    ['a.jsonl', '{"n":1}\n{'],
    ['a.json', '[{"n":1},'],
    ['a.parquet', 'PAR1'],
  ])('leave no file open: %s', async (name, content) => {
    const path = join(await temporaryFolder(), name)
    await writeFile(path, content)
    const before = openFiles()
    for (let i = 0; i < 20; i++) {
      const read = openSpecs([path], experiment).then(async (specs) => {
        for await (const _ of specs);
      })
      await expect(read).rejects.toMatchObject({ code: 'SPECS_UNREADABLE' })
    }
    await vi.waitUntil(() => openFiles() <= before + 2)
  })
})
