import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, open, rename, rm, stat, utimes } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

const POLL_MS = 200
const FRESH_MS = 1_000
const ABANDONED_MS = 10_000

/** Where something that is made once a machine lies: its name says what it was made from. */
export function cacheFolder(name: string, madeFrom: readonly (string | Uint8Array)[]): string {
  const env = process.env
  const cache = env.SCYTHE_TOOLS_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'scythe-tools')
  const hash = createHash('sha256')
  for (const part of madeFrom) hash.update(part)
  return join(cache, `${name}-${hash.digest('hex').slice(0, 16)}`)
}

/**
 * Has a folder made that is not there yet. It is there whole or not at all. Of several that ask at the same time, in whatever
 * process, one makes it and the others wait.
 */
export async function makeOnce(folder: string, make: (building: string) => Promise<void>): Promise<void> {
  if (await exists(folder)) return
  await mkdir(dirname(folder), { recursive: true })
  const unlock = await lock(`${folder}.lock`)
  try {
    if (!(await exists(folder))) await makeNow(folder, make)
  } finally {
    await unlock()
  }
}

export async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

async function makeNow(folder: string, make: (building: string) => Promise<void>): Promise<void> {
  const building = await mkdtemp(`${folder}.building-`)
  try {
    await make(building)
    await rename(building, folder)
  } finally {
    await rm(building, { recursive: true, force: true })
  }
}

/** A lock is kept fresh by its owner, and may be taken when it is not. */
async function lock(path: string): Promise<() => Promise<void>> {
  while (!(await create(path))) {
    const held = await stat(path).catch(() => undefined)
    if (held && Date.now() - held.mtimeMs > ABANDONED_MS) await rm(path, { force: true })
    else await setTimeout(POLL_MS)
  }
  const fresh = setInterval(() => utimes(path, new Date(), new Date()).catch(() => {}), FRESH_MS)
  return async () => {
    clearInterval(fresh)
    await rm(path, { force: true })
  }
}

async function create(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
