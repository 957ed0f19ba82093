import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Creates a local file that appears only when it is complete: `write` fills the file at a temporary
 * path, which is then renamed to `path`.
 */
export async function writeFileAtomically(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  // The temporary name does not extend the file's name, which may have the maximum length already.
  const temporary = join(dirname(path), `.${randomUUID()}.part`)
  await mkdir(dirname(path), { recursive: true })
  try {
    await write(temporary)
    const file = await open(temporary)
    try {
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}
