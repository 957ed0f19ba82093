import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fixture, scythe } from './scythe.js'

const folder = mkdtempSync(join(tmpdir(), 'scythe-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, content: string): string {
  writeFileSync(join(folder, name), content)
  return name
}

async function error(args: readonly string[]) {
  const { code, stdout } = await scythe(folder, [...args, '--json'])
  return { exit: code, ...JSON.parse(stdout).error }
}

const GROWTH = fixture('growth.ts')

describe('scythe run', () => {
  it('runs a CSV file with a static TypeScript method, and prints a summary', async () => {
    write('plants.csv', 'n,rate,place,wet\n1,2.5,"Tucson, AZ",true\n2,,,0\n3,1e1,Denver,1\n')
    const { code, stdout, stderr } = await scythe(folder, ['run', GROWTH, '--specs', 'plants.csv', '--slots', '1'])
    expect(stderr).toContain('growth.ts is loaded')
    expect(code).toBe(0)
    const [id, counts, , head, ...rows] = stdout.split('\n')
    expect(id).toMatch(/^scythe_experiment_grow_plant\/v1\.0\.0\/\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/)
    expect(counts).toMatch(/^3 results and 0 errors of 3 specs in .* \(.* a second\)$/)
    expect(head).toMatch(/^sort_index +n +rate +place +wet/)
    expect(rows[0]).toContain('[1,2.5,"Tucson, AZ",true]')
    expect(rows[1]).toContain('[2,"none",null,false]')
    expect(rows[2]).toContain('[3,10,"Denver",true]')
    expect(stdout).toMatch(new RegExp(`scalars +3  \\.scythe/${id}/final/scalars\\.pq`))
    expect(stdout).toMatch(/days +6 /)
  })

  it('prints one object with --json, whatever the code prints, and exits with 3 if some specs failed', async () => {
    write('some.jsonl', '{"n":1,"place":"Oslo","fate":"wither"}\n\n{"n":2}\n{"n":3,"place":"Oslo","fate":"wither"}')
    const { code, stdout, stderr } = await scythe(folder, [
      'run',
      GROWTH,
      '--specs',
      'some.jsonl',
      '--version',
      'v7.1.10',
      '--json',
      '--batch',
      '2',
    ])
    expect(code).toBe(3)
    const result = JSON.parse(stdout)
    expect(result).toEqual({
      run: expect.stringMatching(/\/v7\.1\.10\//),
      specs: 3,
      results: 1,
      errors: 2,
      tables: {
        scalars: { uri: `file://${folder}/.scythe/${result.run}/final/scalars.pq`, rows: 1 },
        errors: { uri: `file://${folder}/.scythe/${result.run}/final/errors.pq`, rows: 2 },
        days: { uri: `file://${folder}/.scythe/${result.run}/final/days.pq`, rows: 2 },
      },
    })
    expect(stderr).toContain('growth.ts is loaded')
    expect(stderr).toContain('began 2')

    // The failed ones alone, straight from the table of errors.
    const again = await scythe(folder, [
      'run',
      GROWTH,
      '--specs',
      `.scythe/${result.run}/final/errors.pq`,
      '--version',
      'bumppatch',
      '--json',
    ])
    expect(JSON.parse(again.stdout)).toMatchObject({ run: expect.stringContaining('/v7.1.11/'), specs: 2, errors: 2 })
  })

  it('accepts JSON lines from stdin, and a store and an experiment by name', async () => {
    const args = [
      'run',
      fixture('several.js'),
      '--experiment',
      'add_two',
      '--specs',
      '-',
      '--store',
      'elsewhere',
      '--json',
    ]
    const { code, stdout } = await scythe(folder, args, { input: '{"x":40}\n' })
    expect(code).toBe(0)
    expect(JSON.parse(stdout).tables.scalars.uri).toContain(`file://${folder}/elsewhere/scythe_experiment_add_two/`)
    const results = await scythe(folder, ['results', 'latest', '--store', 'elsewhere', '--format', 'jsonl'])
    expect(JSON.parse(results.stdout)).toMatchObject({ x: 40, y: 42 })
  })

  it('lists the experiments of a module that has several', async () => {
    write('x.csv', 'x\n1\n')
    const several = ['run', fixture('several.js'), '--specs', 'x.csv']
    expect(await error(several)).toMatchObject({
      exit: 2,
      code: 'EXPERIMENT_UNCLEAR',
      experiments: ['scythe_experiment_add_one', 'scythe_experiment_add_two'],
    })
    expect(await error([...several, '--experiment', 'addThree'])).toMatchObject({ exit: 2, code: 'EXPERIMENT_UNKNOWN' })
  })

  it('reports what is wrong with a module', async () => {
    write('x.csv', 'x\n1\n')
    write('syntax.ts', 'export const x: number = = 1\n')
    write('throws.mjs', 'throw new TypeError("no licence")\n')
    write('empty.mjs', '')
    write('stuck.mjs', 'await new Promise(() => {})\n')
    const load = (module: string) => error(['run', module, '--specs', 'x.csv'])
    expect(await load('missing.ts')).toMatchObject({
      exit: 2,
      code: 'MODULE_NOT_LOADED',
      message: expect.stringContaining('missing.ts'),
    })
    expect((await load('syntax.ts')).message).toMatch(/syntax\.ts.*:1:25/s)
    expect((await load('throws.mjs')).message).toBe('throws.mjs could not be loaded: TypeError: no licence')
    expect(await load('stuck.mjs')).toMatchObject({
      exit: 2,
      code: 'MODULE_NOT_LOADED',
      message: 'stuck.mjs could not be loaded: its top-level await never ends.',
    })
    expect(await load('empty.mjs')).toMatchObject({ exit: 2, code: 'EXPERIMENT_UNCLEAR' })
  })

  it('starts nothing if a spec is invalid, and names the cell', async () => {
    write('bad.csv', 'n,wet\n1,true\n2.5,true\n3,perhaps\n')
    const { exit, code, count, problems } = await error(['run', GROWTH, '--specs', 'bad.csv', '--store', 'untouched'])
    expect({ exit, code, count }).toEqual({ exit: 2, code: 'SPECS_INVALID', count: 2 })
    expect(problems).toMatchObject([
      { row: 1, field: 'n', value: 2.5 },
      { row: 2, field: 'wet', value: 'perhaps' },
    ])
    expect(JSON.parse((await scythe(folder, ['list', '--store', 'untouched', '--json'])).stdout)).toEqual({ runs: [] })
  })

  it('reports what is wrong with the options and the file of specs', async () => {
    write('plants.ods', '')
    write('head.csv', 'n\n')
    const run = (...args: string[]) => error(['run', GROWTH, ...args])
    expect(await run()).toMatchObject({ exit: 2, code: 'USAGE', message: expect.stringContaining('--specs') })
    expect(await run('--specs', 'plants.ods')).toMatchObject({ exit: 2, message: expect.stringContaining('.parquet') })
    expect(await run('--specs', 'none.csv')).toMatchObject({ exit: 2, code: 'SPECS_UNREADABLE' })
    expect(await run('--specs', 'head.csv')).toMatchObject({ exit: 2, code: 'SPECS_MISSING' })
    expect(await run('--specs', 'head.csv', '--version', 'newest')).toMatchObject({ exit: 2, code: 'VERSION_INVALID' })
  })
})

describe('scythe', () => {
  it('prints its version, and its commands', async () => {
    const { version } = JSON.parse(readFileSync(fixture('../../../package.json'), 'utf8'))
    expect(await scythe(folder, ['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' })
    expect((await scythe(folder, ['--help'])).stdout).toMatch(
      /run \[options\] <module>.*resume \[options\] <run> \[module\]/s,
    )
    const help = await scythe(folder, ['run', '--help'])
    expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('--version <v>') })
    expect(help.stdout).toContain('\nExamples:\n  scythe run experiment.ts --specs specs.csv\n')
    expect(await scythe(folder, ['help', 'run'])).toEqual(help)
    expect((await scythe(folder, [])).stdout).toContain('Commands:')
  })

  it('rejects an unknown command or option in one sentence', async () => {
    const unknown = await scythe(folder, ['satus', 'latest'])
    expect(unknown).toEqual({
      code: 2,
      stdout: '',
      stderr:
        "scythe: unknown command 'satus'\n(Did you mean status?)\nUsage: scythe <command> [options]; `scythe --help` shows the commands.\n",
    })
  })

  it('reports misspelt variables on stderr', async () => {
    const { code, stderr } = await scythe(folder, ['list'], { env: { SCYTHE_WORKER_SLOT: '2' } })
    expect(code).toBe(0)
    expect(stderr).toContain('SCYTHE_WORKER_SLOTS')
  })

  it('shows every setting and its source', async () => {
    const { stdout } = await scythe(folder, ['worker', '--show'], { env: { SCYTHE_WORKER_SLOTS: '3' } })
    expect(stdout).toMatch(/^slots +3 +environment +SCYTHE_WORKER_SLOTS$/m)
    expect(stdout).toMatch(/^storageFolder +\.scythe +default +SCYTHE_STORAGE_FOLDER$/m)
    expect(await scythe(folder, ['worker'])).toMatchObject({ code: 2, stdout: '' })
  })
})
