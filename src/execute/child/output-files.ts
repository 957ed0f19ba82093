import { copyFileSync, linkSync, mkdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { basename, join, resolve, sep } from 'node:path'
import { addressOf, localPathOf, schemeOf } from '../../store/address.js'
import { splitName } from '../../store/key.js'
import { OutputInvalidError } from '../errors.js'
import type { Batch, FinishedRows } from '../executor.js'
import type { AttemptContext } from './context.js'

type FinishedFile = FinishedRows['files'][number]

/** The address for the table, and the file to store under it, if there is one. */
export interface KeptFile {
  readonly uri: string
  readonly file: FinishedFile | undefined
}

/**
 * Links or copies a file that a function returned for an output field into `outbox`, where it waits
 * for its upload, whatever happens to the original. Addresses of remote files stay as they are.
 */
export function keepOutputFile(
  batch: Batch,
  field: string,
  value: string,
  ctx: Pick<AttemptContext, 'sortIndex' | 'attempt' | 'owns'>,
  outbox: string,
  folders: readonly string[] = [],
): KeptFile {
  const path = localPathOf(value)
  if (path === undefined && schemeOf(value) !== 'file') return { uri: value, file: undefined }
  const source = path === undefined ? undefined : resolve(path)
  const found = source === undefined ? undefined : statSync(source, { throwIfNoEntry: false })
  const refuse = (problem: string) =>
    new OutputInvalidError(`Expected the output field ${field} to be the path of a file, but ${problem}.`)
  if (source === undefined || !found) throw refuse(`${value} is not there`)
  if (!found.isFile()) throw refuse(`${value} is a ${kindOf(found)}`)
  // The target of links is what counts.
  const real = realpathSync(source)
  if (!ctx.owns(real) && !folders.some((folder) => lies(real, folder))) {
    const where = real === source ? value : `${value}, which is ${real},`
    throw refuse(`${where} lies outside of ctx.tempdir: write it there, or name its folder in the option outputFolders`)
  }
  // Characters that need no escaping, so that the address stays readable.
  const extension = /^[\w.]{1,20}$/.exec(splitName(basename(source)).extension)?.[0] ?? ''
  const name = batch.single ? batch.workflowRunId : `${batch.resultFiles.attempt}/${ctx.sortIndex}`
  const key = `results/${field}/${name}${extension}`
  mkdirSync(outbox, { recursive: true })
  const kept = join(outbox, `${field}-${ctx.sortIndex}-${ctx.attempt}${extension}`)
  if (!ctx.owns(real) || !link(real, kept)) copyFileSync(real, kept)
  return { uri: addressOf(batch.resultFiles.folder, key), file: { key, path: kept } }
}

function lies(real: string, folder: string): boolean {
  try {
    const within = realpathSync(resolve(folder))
    return real.startsWith(within.endsWith(sep) ? within : within + sep)
  } catch {
    // The folder does not exist.
    return false
  }
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'folder'
  return found.isFIFO() ? 'pipe' : found.isSocket() ? 'socket' : 'device'
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch {
    // Not every file system supports hard links.
    return false
  }
}
