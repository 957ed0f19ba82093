import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { loadEsbuild } from './typescript.js'

/** What a module's code is, told from any other by its hash. */
export interface CodeHash {
  readonly hash: string
  /** What printed the code before it was hashed: another version may print it in other words. */
  readonly printer: string
  /** Installed packages that it imports, as `name@version`, in order. */
  readonly packages: readonly string[]
}

/** Why a module has no hash. */
export interface NoCodeHash {
  readonly reason: string
}

/** No run waits longer for its hash, in ms. */
const LONGEST_MS = 10_000

const known = new Map<string, Promise<CodeHash | NoCodeHash>>()

/**
 * Returns the hash of a module and of all that it imports: bundled, without whitespace and comments. Installed packages count by name and
 * version, linked ones by what is in them, and this package not at all. It does not depend on where the module lies. Never rejects: what
 * cannot be bundled has no hash. What only running it shows (a computed `import`, a file that it reads) is not seen.
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

/** What is imported by a bare name: packages, and whatever a tsconfig makes of it. */
const BARE = /^[^./]/
const OWN = /^scythe-engine(\/|$)/
const INSTALLED = `${sep}node_modules${sep}`

async function bundle(module: string): Promise<CodeHash> {
  const file = fileURLToPath(module)
  const esbuild = await loadEsbuild()
  const packages = new Set<string>()
  const { outputFiles } = await esbuild.build({
    entryPoints: [file],
    // Names of files stand in the output, as they are seen from here.
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
    // What a package.json says of side effects drops imports that are there for nothing else.
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
      // It may be there for other machines only.
      packages.add(`${path} (not installed)`)
      return external
    }
    if (found.external) return external
    if (!found.path.includes(INSTALLED)) return { path: found.path, namespace: found.namespace ?? 'file' }
    packages.add(packageOf(found.path))
    return external
  })
}

/** The installed package that a file belongs to: folders in it may have a package.json without a name. */
function packageOf(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      if (name !== undefined && version !== undefined) return `${name}@${version}`
    } catch {
      // There is none here.
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
