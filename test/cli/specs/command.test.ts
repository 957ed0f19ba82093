import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../support/folders.js'
import { fixture, scythe } from '../scythe.js'

const GROWTH = fixture('growth.ts')

async function folderWith(files: Readonly<Record<string, string | Buffer>>) {
  const folder = await temporaryFolder()
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

describe('scythe run', () => {
  it('accepts files that Excel saves with German settings, several files, and CSV from stdin', async () => {
    const folder = await folderWith({
      'a.csv': Buffer.from('\uFEFFsep=;\r\nn;rate;place;wet;;\r\n1;2,5;Köln;TRUE;;\r\n;;;;;\r\n', 'utf16le'),
      'b.json': '[{"n":2}]',
    })
    const args = ['run', GROWTH, '--specs', 'a.csv', '--specs', 'b.json', '--specs', '-', '--dry-run', '--json']
    const { code, stdout } = await scythe(folder, args, { input: 'n,place\n3,"Oslo, NO"\n' })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      specs: 3,
      first: [{ n: 1, rate: 2.5, place: 'Köln', wet: true }, { n: 2 }, { n: 3, place: 'Oslo, NO' }],
    })
  })

  it('checks all specs with --dry-run, shows five, and writes nothing', async () => {
    const folder = await temporaryFolder()
    const dry = await scythe(folder, ['run', GROWTH, '--grid', 'n=1:1000:1,wet=true|false', '--dry-run'])
    expect(dry.code).toBe(0)
    const lines = dry.stdout.trimEnd().split('\n')
    expect(JSON.parse(lines[1]!)).toMatchObject({ n: 1, wet: false, place: null })
    expect(lines).toHaveLength(6)
    expect(lines[5]).toBe('… and 1,995 specs more')
    expect(dry.stderr).toContain('2,000 specs would run')
    expect(dry.stderr).toMatch(/3 specs took \d+ ms, \d+ ms, \d+ ms: all take about .* on one slot/)
    expect(JSON.parse((await scythe(folder, ['list', '--json'])).stdout)).toEqual({ runs: [] })
  })

  it('estimates the time for all specs after it has run three of them', async () => {
    const folder = await folderWith({
      'a.csv': `n,ms,fate\n1,300,\n2,300,wither\n${'3,1000000,\n'.repeat(998)}`.replace('3,1000000', '3,300'),
    })
    const args = ['run', GROWTH, '--specs', 'a.csv', '--slots', '3']
    const { code, stderr } = await scythe(folder, [...args, '--dry-run'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/all take about 5 min \d+ s on one slot, 1 min \d+ s on 3 slots/)
    expect(stderr).toContain('one of them failed: SPEC_FAILED RangeError: too dry in null')
    const { estimate } = JSON.parse((await scythe(folder, [...args, '--dry-run', '--json'])).stdout)
    expect(estimate).toMatchObject({ ran: [expect.closeTo(0.3, 1), expect.any(Number), expect.any(Number)], slots: 3 })
    expect(JSON.parse((await scythe(folder, ['list', '--json'])).stdout)).toEqual({ runs: [] })
  })

  it('runs the first specs of a grid with --limit', async () => {
    const folder = await temporaryFolder()
    const args = ['run', GROWTH, '--grid', 'n=1:1000:1', '--limit', '2', '--slots', '1', '--json']
    expect(JSON.parse((await scythe(folder, args)).stdout)).toMatchObject({ specs: 2, results: 2 })
  })

  it.each([
    ['a ragged line', 'a.csv', 'n\n1\n2,3\n', 'line 3 has 2 values, and the header 1 column.'],
    ['truncated JSON', 'a.json', '[{"n":1},\n{"n":', 'line 2 ends before the JSON array does'],
    ['NaN', 'a.jsonl', '{"n":1}\n{"n":NaN}\n', 'JSON has no NaN'],
    ['an unsupported encoding', 'a.csv', Buffer.from('n,place\n1,Köln\n', 'latin1'), '--encoding windows-1252'],
    ['many invalid specs', 'a.csv', 'n\n\n1.5\nx\ny\n', 'field n: 2 rows, first in line 4:'],
  ])('writes nothing if it rejects %s, and reports the position', async (_, name, content, message) => {
    const folder = await folderWith({ [name]: content })
    const { code, stderr } = await scythe(folder, ['run', GROWTH, '--specs', name])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(JSON.parse((await scythe(folder, ['list', '--json'])).stdout)).toEqual({ runs: [] })
  })

  it.each([
    [[], 'needs --specs'],
    [['--grid', 'n=1', '--sample', 'lhs:5'], 'Only one of --specs, --grid and --sample'],
    [['--grid', 'n=1', '--seed', '5'], '--seed belongs to --sample'],
    [['--grid', 'n=1', '--extra', 'ignore'], '--extra belongs to --specs'],
    [['--specs', 'a.csv', '--extra', 'kept'], 'Expected --extra to be refuse or ignore or keep, got kept'],
    [['--sample', 'lhs:5'], 'field n has no range to take values from'],
  ])('reports what is wrong with %j', async (args, message) => {
    const { code, stderr } = await scythe(await temporaryFolder(), ['run', GROWTH, ...args])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
