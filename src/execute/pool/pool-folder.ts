import { mkdtempSync, realpathSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isThere, place, startOf } from '../../settings/processes.js'

/**
 * The name of a pool's folder identifies its owner: `scythe-<place>-<pid>-<start>-<six letters>`.
 */
const NAME = /^scythe-([0-9a-f]{8})-(\d+)-(\d+)-\w{6}$/

/** Creates the temporary folder of a pool of this process. */
export function makePoolFolder(root: string): string {
  return realpathSync(mkdtempSync(join(root, `scythe-${place()}-${process.pid}-${startOf(process.pid) ?? 0}-`)))
}

/**
 * Removes the folders of pools whose process was killed before it could remove them. Keeps the
 * folders of running processes, of other users and of other places.
 */
export async function sweepPoolFolders(root: string): Promise<void> {
  const here = place()
  for (const name of await readdir(root)) {
    const [, where, pid, start] = NAME.exec(name) ?? []
    if (where !== here || isThere(Number(pid), Number(start))) continue
    const folder = join(root, name)
    const found = await lstat(folder).catch(() => undefined)
    if (found?.isDirectory() && found.uid === process.getuid?.()) {
      await rm(folder, { recursive: true, force: true, maxRetries: 2 }).catch(() => {})
    }
  }
}
