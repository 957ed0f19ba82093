import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { remember } from '../../async/promises.js'

const TYPESCRIPT = /\.[cm]?tsx?$/
const TSX = /(^|[=\\/])tsx([\\/]|$)/

export function isTypeScript(module: string): boolean {
  return TYPESCRIPT.test(module)
}

/** Returns whether Node loads TypeScript with these options. */
export function hasTsx(options: readonly string[]): boolean {
  return options.some((option) => TSX.test(option))
}

/** The variable that disables the cache of tsx. */
const NO_CACHE = 'TSX_DISABLE_CACHE'

/**
 * Secures the folder in which tsx caches compiled code, which it runs without checking who wrote
 * it: a folder of this user in the shared temporary folder, with no access for others. A folder
 * that others could write to is replaced. If that fails, the cache is disabled. Must be called
 * before tsx is loaded, here or in a process with this environment.
 */
export function secureTypeScriptCache(env: NodeJS.ProcessEnv = process.env): void {
  const user = process.geteuid?.()
  // Windows has one temporary folder for each user.
  if (user === undefined || env[NO_CACHE] || isSafe(join(tmpdir(), `tsx-${user}`), user)) return
  env[NO_CACHE] = '1'
}

function isSafe(folder: string, user: number): boolean {
  try {
    const found = lstatSync(folder, { throwIfNoEntry: false })
    if (found && (!found.isDirectory() || found.uid !== user)) return false
    if (found && (found.mode & 0o022) !== 0) rmSync(folder, { recursive: true })
    // Another process of this user may create the folder meanwhile, and tsx lets all users read it.
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    chmodSync(folder, 0o700)
    const { uid, mode } = lstatSync(folder)
    return uid === user && (mode & 0o777) === 0o700
  } catch {
    return false
  }
}

/** Returns the URL of the module that Node has to import to load TypeScript. */
export function tsxUrl(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
}

/**
 * Makes this process load TypeScript from now on. Scythe's own modules are already loaded, and are
 * not slowed down.
 */
export function registerTsx(): Promise<void> {
  secureTypeScriptCache()
  return register()
}

const register = remember(async () => {
  const [esm, cjs] = await Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')])
  esm.register()
  cjs.register()
  // Processes that user code forks inherit these options, as they do under tsx.
  process.execArgv.push('--import', tsxUrl())
})

/** The part of esbuild's API that is used. */
interface Esbuild {
  readonly version: string
  build(options: object): Promise<{ readonly outputFiles: readonly { readonly text: string }[] }>
  transform(text: string, options: object): Promise<unknown>
}

/** Loads esbuild, the compiler that tsx uses to run TypeScript. */
export async function loadEsbuild(): Promise<Esbuild> {
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const esbuild = await import(pathToFileURL(createRequire(tsx).resolve('esbuild')).href)
  return esbuild.default ?? esbuild
}

/** Rejects if a text is not valid TypeScript. */
export async function checkTypeScript(text: string): Promise<void> {
  const esbuild = await loadEsbuild()
  await esbuild.transform(text, { loader: 'ts', logLevel: 'silent' })
}
