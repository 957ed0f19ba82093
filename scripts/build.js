// dist in line with src. Also run by `npm run build`.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { alone, quietly, root, say, textOf } from './work.js'

const dist = `${root}dist/`
const stamp = `${dist}.stamp`
const fresh = `${root}.cache/dist/`

/** What is started by name. All else goes into chunks: every process of a pool starts, and 200 small modules take 0.1 s to load. */
const ENTRIES = ['index', 'main', 'cli/main', 'execute/child/main']

/** Compiles src where it changed since the last time. `false` where the types are wrong; what could be compiled is in dist then too. */
export async function build() {
  if (textOf(stamp) === fingerprint()) return true
  return alone(async () => {
    const wanted = fingerprint()
    if (textOf(stamp) === wanted) return true
    say('compiling: src has changed')
    rmSync(fresh, { recursive: true, force: true })
    mkdirSync(fresh, { recursive: true })
    const [{ ok: areTypesRight, output }, isBundled] = await Promise.all([
      quietly(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', fresh]),
      bundle(),
    ])
    replaceDist()
    const ok = areTypesRight && isBundled
    if (ok) writeFileSync(stamp, wanted)
    else say(`src does not compile.\n${output}`)
    return ok
  })
}

/** `false` if the modules are not a program; why is told by the compiler, too. */
async function bundle() {
  const { build: bundleModules } = await import('esbuild')
  const bundling = bundleModules({
    absWorkingDir: root,
    entryPoints: ENTRIES.map((name) => `src/${name}.ts`),
    outbase: 'src',
    outdir: fresh,
    // At the top of dist, as src/own.ts lies at the top of src.
    chunkNames: '[name]-[hash]',
    bundle: true,
    // Errors have the names of their classes.
    keepNames: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    legalComments: 'none',
    logLevel: 'silent',
  })
  return bundling.then(
    () => true,
    () => false,
  )
}

/** File by file, so that a process that runs from dist always finds it whole; those that did not change are left alone. */
function replaceDist() {
  mkdirSync(dist, { recursive: true })
  rmSync(stamp, { force: true })
  const wanted = filesIn(fresh)
  for (const file of wanted) {
    if (textOf(dist + file) === textOf(fresh + file)) continue
    mkdirSync(dirname(dist + file), { recursive: true })
    renameSync(fresh + file, dist + file)
  }
  for (const file of filesIn(dist)) if (!wanted.includes(file)) rmSync(dist + file)
}

function fingerprint() {
  const hash = createHash('sha256')
  const settings = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json']
  for (const file of [...settings, ...filesIn(`${root}src/`).map((file) => `src/${file}`)]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(root + file))
      .update('\0')
  }
  return hash.digest('hex')
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = (await build()) ? 0 : 1
