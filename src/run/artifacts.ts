import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { createMemo } from '../async/promises.js'
import { localPathOf } from '../store/address.js'
import { safeName } from '../store/key.js'
import type { Store } from '../store/store.js'
import { FileMissingError } from './errors.js'

/**
 * The input files of a run. Local files are uploaded once each, by content; addresses stay as they
 * are.
 */
export interface Artifacts {
  /**
   * Returns the address of the file that a field names. `place` describes where the spec is. Throws
   * `FileMissingError`.
   */
  address(row: number, field: string, file: string, place?: string): Promise<string> | string
  /** Every address by field, in the order of first use. */
  readonly files: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * Uploads input files into a run's folder. With `plain`, their names have no characters that
 * addresses escape, because Python Scythe's workers fetch by the escaped address.
 */
export function createArtifacts(folder: Store, { plain = false }: { readonly plain?: boolean } = {}): Artifacts {
  const files = new Map<string, Set<string>>()
  const byPath = createMemo<string, string>()
  const uploads = createMemo<string, void>()
  /**
   * The content and the key of each name that is in use. Names that file systems confuse have one
   * form here.
   */
  const taken = new Map<string, string>()

  async function upload(row: number, field: string, path: string, at: string | undefined): Promise<string> {
    const hash = await hashFile(path).catch((cause) => {
      throw new FileMissingError(row, field, path, { cause }, at)
    })
    const safe = safeName(basename(path))
    const key = place(`artifacts/${field}`, plain ? safe.replace(/[^\w.-]/g, '_') : safe, hash)
    await uploads.get(key, () => folder.upload(key, path))
    return folder.uriOf(key)
  }

  /**
   * Returns a key that ends in the file's own name, even if two files share the name. Some file
   * systems ignore case and the form of accents.
   */
  function place(parent: string, name: string, hash: string): string {
    for (let others = 0; ; others++) {
      const mark = others === 0 ? '' : `-${hash.slice(0, 12)}${others === 1 ? '' : `-${others}`}`
      const key = `${parent}${mark}/${name}`
      const slot = key.normalize('NFC').toLowerCase()
      const content = `${hash} ${key}`
      const holder = taken.get(slot)
      if (holder === undefined) taken.set(slot, content)
      if (holder === undefined || holder === content) return key
    }
  }

  function note(field: string, address: string): string {
    let addresses = files.get(field)
    if (!addresses) {
      addresses = new Set()
      files.set(field, addresses)
    }
    addresses.add(address)
    return address
  }

  return {
    files,
    address(row, field, file, at) {
      const local = localPathOf(file)
      if (local === undefined) return note(field, file)
      const path = resolve(local)
      const address = byPath.get(`${field}\0${path}`, () => upload(row, field, path, at))
      return address.then((uri) => note(field, uri))
    },
  }
}

async function hashFile(path: string): Promise<string> {
  const info = await stat(path)
  if (!info.isFile()) throw new Error('it is not a file')
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}
