import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Makes a local file that appears only when it is complete: `write` fills the path it is given, which then gets its own name. */
export async function writeFileAtomically(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  // Not the name with an ending: a name may be as long as names get.
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
