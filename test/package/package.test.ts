import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRelative, linksOf, readText } from '../docs/markdown.js'

const exec = promisify(execFile)
const repository = fileURLToPath(new URL('../..', import.meta.url))
const fixtures = fileURLToPath(new URL('fixtures', import.meta.url))

/** What the packed package is, installed into a folder that holds nothing else. */
describe('the package as packed', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'scythe-package-'))
  const consumer = join(folder, 'consumer')
  let packed: string[]

  beforeAll(async () => {
    const { stdout } = await run(repository, 'npm', [
      'pack',
      '--json',
      '--ignore-scripts',
      '--pack-destination',
      folder,
    ])
    const [tarball] = JSON.parse(stdout)
    packed = tarball.files.map((file: { path: string }) => file.path)
    mkdirSync(consumer)
    writeFileSync(join(consumer, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
    cpSync(fixtures, consumer, { recursive: true })
    const options = ['--prefer-offline', '--no-audit', '--no-fund']
    await run(consumer, 'npm', ['install', join(folder, tarball.filename), ...options])
  }, 300_000)

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('holds what is compiled and the documents, nothing else', () => {
    const others = packed.filter((path) => !/^(dist\/.*\.(js|d\.ts)|docs\/.*\.md|deploy\/.*)$/.test(path))
    const pages = ['ARCHITECTURE', 'CHANGELOG', 'CONTRIBUTING', 'README', 'SECURITY', 'bench/README']
    expect(others.sort()).toEqual([...pages.map((name) => `${name}.md`), 'LICENSE', 'package.json'].sort())
  })

  test('packs every page that a packed page links to', () => {
    const pages = packed.filter((path) => path.endsWith('.md'))
    expect(pages).toContain('docs/README.md')
    const missing = pages.flatMap((page) => {
      const targets = linksOf(readText(page))
        .filter(isRelative)
        .map((address) => address.split('#')[0]!)
      const paths = targets.filter((target) => target !== '').map((target) => posix.join(posix.dirname(page), target))
      return paths.filter((path) => !packed.includes(path)).map((path) => `${page}: ${path}`)
    })
    expect(missing).toEqual([])
  })

  test('has no install script, and those of its dependencies are the ones that SECURITY.md names', () => {
    const { scripts } = JSON.parse(readFileSync(join(consumer, 'node_modules/scythe-engine/package.json'), 'utf8'))
    const ours = Object.keys(scripts ?? {}).filter((name) => /^(pre|post)?(install|prepare)$/.test(name))
    expect(ours).toEqual([])
    const lock = JSON.parse(readFileSync(join(consumer, 'node_modules/.package-lock.json'), 'utf8'))
    const packages = Object.entries<{ hasInstallScript?: boolean }>(lock.packages)
    const having = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)
    const security = readFileSync(join(repository, 'SECURITY.md'), 'utf8')
    const named = [...security.matchAll(/^\| `(.+?)`.* \| .* \| .* \|$/gm)].map(([, name]) => `node_modules/${name}`)
    expect(having.sort()).toEqual(named.sort())
  })

  test('defines and allocates in one script of plain JavaScript', async () => {
    const { stdout } = await run(consumer, 'node', ['plain.js'])
    expect(JSON.parse(stdout)).toEqual(doubled(20))
  })

  test('defines and allocates in one TypeScript file, with the tsx that it brings', async () => {
    const { stdout } = await run(consumer, 'node', ['--import', 'tsx', 'typed.ts'])
    expect(JSON.parse(stdout)).toEqual(doubled(20))
  })

  test.each([
    { module: 'nodenext', moduleResolution: 'nodenext' },
    { module: 'esnext', moduleResolution: 'bundler' },
  ])('has types that hold with moduleResolution $moduleResolution', async (resolution) => {
    const compilerOptions = {
      ...resolution,
      target: 'es2022',
      strict: true,
      noEmit: true,
      // What a module exports has to have types that can be named.
      declaration: true,
      skipLibCheck: false,
      types: [],
    }
    const project = join(consumer, `tsconfig.${resolution.moduleResolution}.json`)
    writeFileSync(project, JSON.stringify({ compilerOptions, files: ['typed.ts'] }))
    await run(consumer, 'node', [join(repository, 'node_modules/typescript/bin/tsc'), '-p', project])
  })

  test('puts the scythe command on the path', async () => {
    const { stdout } = await run(consumer, join('node_modules', '.bin', 'scythe'), ['--help'])
    expect(stdout).toContain('scythe')
  })

  test('loads neither the Hatchet SDK nor the AWS SDK when it is imported', async () => {
    const imports = await importedBy(`import 'scythe-engine'`)
    expect(imports).toContainEqual(expect.stringContaining('/node_modules/zod/'))
    expect(imports.filter((url) => /@hatchet-dev|@aws-sdk|@smithy/.test(url))).toEqual([])
  })

  async function importedBy(script: string): Promise<string[]> {
    const list = join(folder, 'imported')
    writeFileSync(join(consumer, 'importer.js'), script)
    await run(consumer, 'node', ['--import', './record-imports.js', 'importer.js'], { IMPORTED: list })
    return readFileSync(list, 'utf8').split('\n')
  }
})

function doubled(count: number) {
  return { results: count, errors: 0, values: Array.from({ length: count }, (_, x) => 2 * x) }
}

/** Runs a program without what npm and vitest put into the environment of their own. */
function run(cwd: string, program: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const others = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_|SCYTHE_)/i.test(name))
  return exec(program, args, { cwd, env: { ...Object.fromEntries(others), ...env } })
}
