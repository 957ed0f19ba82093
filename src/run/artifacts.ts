import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Store } from '../store/store.js'
import { FileMissingError } from './errors.js'

/** The input files of a run: local ones are uploaded once each, by content; addresses stay as they are. */
export interface Artifacts {
  /** The address of what a spec's field names. */
  address(row: number, field: string, file: string): Promise<string> | string
  /** Every address, field by field, in the order of first use. */
  readonly files: ReadonlyMap<string, ReadonlySet<string>>
}

export function createArtifacts(folder: Store): Artifacts {
  const files = new Map<string, Set<string>>()
  const byPath = new Map<string, Promise<string>>()
  /** Key to the content it was given to. */
  const taken = new Map<string, string>()

  async function upload(row: number, field: string, path: string): Promise<string> {
    const hash = await hashFile(path).catch((cause) => {
      throw new FileMissingError(row, field, path, { cause })
    })
    const name = basename(path)
    const extension = extname(name)
    let key = `artifacts/${field}/${name}`
    // Another file of this name: both are kept.
    if ((taken.get(key) ?? hash) !== hash) {
      key = `artifacts/${field}/${name.slice(0, name.length - extension.length)}-${hash.slice(0, 12)}${extension}`
    }
    if (!taken.has(key)) {
      taken.set(key, hash)
      await folder.upload(key, path)
    }
    return folder.uriOf(key)
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
    address(row, field, file) {
      if (/^(s3|https?):\/\//.test(file)) return note(field, file)
      const path = file.startsWith('file://') ? fileURLToPath(file) : resolve(file)
      const known = `${field}\n${path}`
      let address = byPath.get(known)
      if (!address) {
        address = upload(row, field, path)
        byPath.set(known, address)
      }
      return address.then((uri) => note(field, uri))
    },
  }
}

async function hashFile(path: string): Promise<string> {
  const info = await stat(path)
  if (!info.isFile()) throw new Error('it is no file')
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}
