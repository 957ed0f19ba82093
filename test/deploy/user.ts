import { execFile, execFileSync } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Somebody without privileges, with a home of their own: ourselves, or nobody where we are root. */
export interface User {
  readonly ids: { readonly uid: number; readonly gid: number } | undefined
  readonly home: string
  readonly registry: string
}

const NOBODY = { uid: 65534, gid: 65534 }

/** Takes a folder over, which only they use. */
export function unprivilegedUser(folder: string): User {
  const ids = process.getuid?.() === 0 ? NOBODY : undefined
  const home = join(folder, 'home')
  mkdirSync(home)
  if (ids) for (const path of [folder, home]) chownSync(path, ids.uid, ids.gid)
  // Where packages come from may be said in our home, which they cannot see.
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim()
  return { ids, home, registry }
}

/** What they find in the environment: nothing that npm, vitest or somebody who tests put there for themselves. */
export function unprivilegedEnv({ home, registry }: User): NodeJS.ProcessEnv {
  const others = /^(npm_|VITEST|NODE_(?!EXTRA_CA)|SCYTHE_|HATCHET_|AWS_|DATABASE_URL|FLY_|COPILOT_|XDG_|TMPDIR)/i
  const kept = Object.entries(process.env).filter(([name]) => !others.test(name))
  return { ...Object.fromEntries(kept), HOME: home, npm_config_registry: registry }
}

/** Makes a file, or a folder and all that is in it, theirs. */
export async function giveTo({ ids }: User, path: string): Promise<void> {
  if (ids) await promisify(execFile)('chown', ['-R', `${ids.uid}:${ids.gid}`, path])
}
