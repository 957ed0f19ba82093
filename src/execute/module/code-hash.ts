import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { loadEsbuild } from './typescript.js'

/** The identity of a module's code. */
export interface CodeHash {
  readonly hash: string
  /**
   * The tool that printed the code before it was hashed: another version may print the code
   * differently.
   */
  readonly printer: string
  /** Installed packages that the module imports, as `name@version`, sorted. */
  readonly packages: readonly string[]
}

/** The reason why a module has no hash. */
export interface NoCodeHash {
  readonly reason: string
}

/** Maximum time in ms that a run waits for its hash. */
const LONGEST_MS = 10_000

const known = new Map<string, Promise<CodeHash | NoCodeHash>>()

/**
 * Resolves with the hash of a module and everything that it imports, bundled without whitespace and
 * comments. Installed packages count by name and version, linked packages by their content, and
 * this package does not count. The hash does not depend on the module's location. Never rejects: a
 * module that cannot be bundled has no hash. Dependencies that appear only at run time (a computed
 * `import`, a file that the module reads) are not included.
 */
export function codeHash(module: string): Promise<CodeHash | NoCodeHash> {
  const late = () => sleep(LONGEST_MS, { reason: `it took longer than ${LONGEST_MS / 1000} s` }, { ref: false })
  const make = () => Promise.race([bundle(module), late()]).catch((error) => ({ reason: reasonOf(error) }))
  const hash = known.get(module) ?? make()
  known.set(module, hash)
  return hash
}

interface Resolving {
  onResolve(options: { filter: RegExp }, resolve: (asked: Asked) => Promise<Resolved | undefined>): void
  resolve(path: string, options: Omit<Asked, 'path'>): Promise<Resolved & { readonly errors: readonly unknown[] }>
}

interface Asked {
  readonly path: string
  readonly importer: string
  readonly namespace: string
  readonly resolveDir: string
  readonly kind: string
  readonly pluginData: unknown
}

interface Resolved {
  readonly path: string
  readonly external?: boolean
  readonly namespace?: string
}

/** Matches a bare name: a package, or a path that a tsconfig maps. */
const BARE = /^[^./]/
const OWN = /^scythe-engine(\/|$)/
const INSTALLED = `${sep}node_modules${sep}`

async function bundle(module: string): Promise<CodeHash> {
  const file = fileURLToPath(module)
  const esbuild = await loadEsbuild()
  const packages = new Set<string>()
  const { outputFiles } = await esbuild.build({
    entryPoints: [file],
    // The output contains file names, relative to this folder.
    absWorkingDir: dirname(file),
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'esnext',
    charset: 'utf8',
    minifyWhitespace: true,
    legalComments: 'none',
    sourcemap: false,
    // The `sideEffects` field of a package.json would drop imports that exist only for their
    // effects.
    treeShaking: false,
    ignoreAnnotations: true,
    logLevel: 'silent',
    loader: { '.node': 'binary', '.wasm': 'binary' },
    plugins: [{ name: 'packages', setup: (build: Resolving) => leaveOutPackages(build, packages) }],
  })
  const printer = `esbuild ${esbuild.version}`
  const sorted = [...packages].sort()
  const text = JSON.stringify([printer, sorted, outputFiles.map(({ text }) => text)])
  return { hash: createHash('sha256').update(text).digest('hex'), printer, packages: sorted }
}

function leaveOutPackages(build: Resolving, packages: Set<string>): void {
  const asking = {}
  build.onResolve({ filter: BARE }, async ({ path, ...asked }) => {
    if (asked.pluginData === asking || asked.kind === 'entry-point') return undefined
    const external = { path, external: true }
    if (isBuiltin(path) || OWN.test(path)) return external
    const found = await build.resolve(path, { ...asked, pluginData: asking })
    if (found.errors.length > 0) {
      // The package may be installed on other machines only.
      packages.add(`${path} (not installed)`)
      return external
    }
    if (found.external) return external
    if (!found.path.includes(INSTALLED)) return { path: found.path, namespace: found.namespace ?? 'file' }
    packages.add(packageOf(found.path))
    return external
  })
}

/**
 * Returns the installed package that a file belongs to. Folders in a package may have a
 * package.json without a name.
 */
function packageOf(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      if (name !== undefined && version !== undefined) return `${name}@${version}`
    } catch {
      // This folder has no package.json.
    }
  }
  return file.slice(file.lastIndexOf(INSTALLED) + INSTALLED.length)
}

function reasonOf(error: unknown): string {
  const [first] =
    (error as { errors?: readonly { text: string; location?: { file: string; line: number } }[] }).errors ?? []
  if (!first) return error instanceof Error ? error.message : String(error)
  return first.location ? `${first.location.file}:${first.location.line}: ${first.text}` : first.text
}
