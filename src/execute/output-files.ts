import { copyFileSync, linkSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TryContext } from './context.js'
import { OutputInvalidError } from './errors.js'
import type { Batch, FinishedRows } from './pool.js'

type FinishedFile = FinishedRows['files'][number]

/** An address for the table, and the file that has to be stored for it, where one has. */
export interface KeptFile {
  readonly uri: string
  readonly file: FinishedFile | undefined
}

/**
 * Puts a file that a function returned for an output field into `outbox`, where it waits to be stored, whatever becomes of the
 * original. Addresses of remote files stay as they are.
 */
export function keepOutputFile(
  batch: Batch,
  field: string,
  value: string,
  ctx: Pick<TryContext, 'sortIndex' | 'attempt' | 'owns'>,
  outbox: string,
): KeptFile {
  if (/^(https?|s3):\/\//i.test(value)) return { uri: value, file: undefined }
  const source = resolve(value.startsWith('file://') ? fileURLToPath(value) : value)
  if (!statSync(source, { throwIfNoEntry: false })?.isFile()) {
    throw new OutputInvalidError(
      `Expected the output field ${field} to be the path of a file, but there is none at ${value}.`,
    )
  }
  const extension = /^\.\w+$/.exec(extname(source))?.[0] ?? ''
  const name = batch.single ? batch.workflowRunId : `${batch.resultFiles.attempt}/${ctx.sortIndex}`
  const key = `results/${field}/${name}${extension}`
  mkdirSync(outbox, { recursive: true })
  const path = join(outbox, `${field}-${ctx.sortIndex}-${ctx.attempt}${extension}`)
  const real = realpathSync(source)
  if (!ctx.owns(real) || !link(real, path)) copyFileSync(real, path)
  return { uri: batch.resultFiles.uriPrefix + key, file: { key, path } }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch {
    // Not every file system has hard links.
    return false
  }
}
