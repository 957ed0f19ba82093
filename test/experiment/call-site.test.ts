import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callingModule } from '../../src/experiment/call-site.js'

const registry = new URL('../../src/experiment/registry.ts', import.meta.url).href
const zod = import.meta.resolve('zod')
const tsx = import.meta.resolve('tsx')
let folder = ''

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'call site ü-')))
})
afterAll(() => rmSync(folder, { recursive: true }))

const define = `
  class Model {
    static factor = 2
    @ExperimentRegistry.register({ input: z.object({ n: z.number() }), output: z.object({ m: z.number() }) })
    static double(spec: { n: number }) { return { m: spec.n * this.factor } }
  }
  const { name, module, fn } = ExperimentRegistry.get(Model.double)
  console.log(JSON.stringify({ name, module, result: fn({ n: 4 }, {} as never) }))`
const esm = `import { z } from '${zod}'\nimport { ExperimentRegistry } from '${registry}'\n${define}`
const cjs = `async function main() {
  const { z } = await import('${zod}')
  const { ExperimentRegistry } = await import('${registry}')
  ${define}
}
main()`

/** Runs TypeScript as users do: with tsx, and with a tsconfig.json of their own. */
function run(file: string, code: string, tsconfig: object, args: string[] = []) {
  const path = join(folder, file)
  writeFileSync(path, code)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  const out = execFileSync(process.execPath, ['--import', tsx, ...(args.length > 0 ? args : [path])], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { seen: JSON.parse(out), url: pathToFileURL(path).href }
}

describe('the calling module', () => {
  it('is the module that contains the call', () => {
    expect(callingModule()).toBe(pathToFileURL(fileURLToPath(import.meta.url)).href)
  })

  it('is the first module outside the package', () => {
    const own = new URL('./', import.meta.url).href
    expect(callingModule(own)).not.toContain('/test/experiment/')
  })

  it('is the program if no module on the stack is a file outside the package', () => {
    expect(callingModule('file:///')).toBe(pathToFileURL(process.argv[1]!).href)
  })

  it('is found without a change to how errors print their stacks', () => {
    const prepare = () => 'mine'
    const before = Error.prepareStackTrace
    Error.prepareStackTrace = prepare
    callingModule()
    expect(Error.prepareStackTrace).toBe(prepare)
    Error.prepareStackTrace = before as never
  })

  const expected = (url: string) => ({ name: 'scythe_experiment_double', module: url, result: { m: 8 } })

  it('is found with tsx in ESM and standard decorators', () => {
    const { seen, url } = run('standard.mts', esm, {})
    expect(seen).toEqual(expected(url))
  })

  it('is found with tsx in ESM and experimentalDecorators', () => {
    const { seen, url } = run('older.mts', esm, { compilerOptions: { experimentalDecorators: true } })
    expect(seen).toEqual(expected(url))
  })

  it('is found with tsx in CommonJS', () => {
    const { seen, url } = run('common.cts', cjs, {})
    expect(seen).toEqual(expected(url))
  })

  it('is found with the query removed from its URL', () => {
    const path = join(folder, 'queried.mts')
    const url = pathToFileURL(path).href
    const { seen } = run('queried.mts', esm, {}, ['--input-type=module', '-e', `await import('${url}?copy=2')`])
    expect(seen).toEqual(expected(url))
  })
})
