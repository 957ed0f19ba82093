import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { schemeOf } from '../store/address.js'
import { writeFileAtomically } from '../store/local-file.js'
import { UsageError } from './errors.js'

/**
 * Lets `write` fill a file, which then gets the name `output`. If `output` exists and is not a
 * regular file, it is written to and not replaced: a device, a pipe, or the target of a symbolic
 * link.
 */
export async function writeOutput(output: string, write: (path: string) => Promise<void>): Promise<void> {
  if (schemeOf(output) !== undefined)
    throw new UsageError(`Expected -o to be a path, got ${output}. Write a file, and copy it there.`)
  const found = await lstat(output).catch((error: NodeJS.ErrnoException) => {
    return error.code === 'ENOENT' ? undefined : refuse(output, error)
  })
  if (found?.isDirectory()) throw new UsageError(`${output} is a folder: name a file in it.`)
  if (!found || found.isFile())
    return writeFileAtomically(resolve(output), write).catch((error) => refuse(output, error))
  const folder = await mkdtemp(join(tmpdir(), 'scythe-export-'))
  try {
    const path = join(folder, 'whole')
    await write(path)
    await pipeline(createReadStream(path), createWriteStream(output))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Throws a `UsageError` that names the output: the system's message names the temporary file. */
function refuse(output: string, error: NodeJS.ErrnoException): never {
  if (error.syscall === undefined) throw error
  throw new UsageError(`${output} cannot be written (${error.code}): name a file in a folder that you may write to.`, {
    cause: error,
  })
}
