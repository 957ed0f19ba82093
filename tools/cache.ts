import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { lock } from '../scripts/lock.js'

/**
 * Returns the folder for something that is made once per machine. Its name depends on the inputs
 * that it is made from.
 */
export function cacheFolder(name: string, madeFrom: readonly (string | Uint8Array)[]): string {
  const env = process.env
  const cache = env.SCYTHE_TOOLS_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'scythe-tools')
  const hash = createHash('sha256')
  for (const part of madeFrom) hash.update(part)
  return join(cache, `${name}-${hash.digest('hex').slice(0, 16)}`)
}

/**
 * Makes a folder that does not exist yet. It appears only when it is complete. If several callers
 * in any processes ask at one time, one of them makes it and the others wait.
 */
export async function makeOnce(folder: string, make: (building: string) => Promise<void>): Promise<void> {
  if (await exists(folder)) return
  await mkdir(dirname(folder), { recursive: true })
  const unlock = await lock(`${folder}.lock`)
  try {
    if (!(await exists(folder))) await makeNow(folder, make)
  } finally {
    unlock()
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
