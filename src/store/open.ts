import { homedir } from 'node:os'
import type { StorageSettings } from '../settings/storage.js'
import { pathOfUri } from './address.js'
import { InvalidStoreAddressError } from './errors.js'
import { createFolderStore } from './folder.js'
import { isKey } from './key.js'
import { createS3Store } from './s3.js'
import type { Store } from './store.js'

/**
 * Opens the store at an address (`s3://bucket/prefix`, `file:///folder`, or a path, relative to where the process stands), or
 * the one that settings name. Nothing is read or written yet.
 */
export function openStore(where: string | StorageSettings): Store {
  const settings = typeof where === 'string' ? readStoreAddress(where) : where
  return settings.backend === 's3' ? createS3Store(settings) : createFolderStore({ path: atHome(settings.folder) })
}

/** A shell leaves the tilde of `--store=~/runs` and of a variable as it is. */
function atHome(folder: string): string {
  return folder.replace(/^~(?=\/|$)/, () => homedir())
}

/** Whether a text is a store's address as `Store.uri` has it, which means the same wherever a process stands. */
export function isStoreUri(text: string): boolean {
  if (!/^(s3|file):\/\//.test(text) || /[\p{Cc}\p{Cs}]/u.test(text)) return false
  try {
    const settings = readStoreAddress(text)
    return (
      settings.backend === 'folder' ||
      (/^[\w.-]+$/.test(settings.bucket) && (settings.prefix === '' || isKey(settings.prefix)))
    )
  } catch {
    return false
  }
}

/** Takes a store's address apart. Throws `InvalidStoreAddressError`. */
export function readStoreAddress(address: string): StorageSettings {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]+):\/\/(.*)$/i.exec(address) ?? []
  if (scheme === undefined && address !== '') return { backend: 'folder', folder: address }
  if (scheme === 's3') {
    const [bucket = '', ...names] = rest.replace(/\/+$/, '').split('/')
    if (bucket !== '') return { backend: 's3', bucket, prefix: names.join('/') }
  }
  const folder = pathOfUri(address)
  if (folder !== undefined) return { backend: 'folder', folder }
  throw new InvalidStoreAddressError(address)
}
