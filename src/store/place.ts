import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { splitS3 } from './address.js'
import { readStoreAddress } from './open.js'

/** Where a store lies, whatever its address is spelled like. */
export interface StorePlace {
  /** Returns whether this is the address of the same store, or of one within it. */
  covers(address: string): Promise<boolean>
  /** Returns whether an object of S3 lies in it. */
  holds(uri: string): boolean
}

/** Returns the place of the store at an address. */
export function placeOf(address: string): StorePlace {
  const own = readStoreAddress(address)
  return own.backend === 's3' ? bucketPlace(own.bucket, own.prefix) : folderPlace(resolve(own.folder))
}

function bucketPlace(bucket: string, prefix: string): StorePlace {
  const isWithin = (key: string) => prefix === '' || key.startsWith(`${prefix}/`)
  return {
    async covers(address) {
      const other = readStoreAddress(address)
      return other.backend === 's3' && other.bucket === bucket && isWithin(`${other.prefix}/`)
    },
    holds(uri) {
      const object = splitS3(uri)
      return object?.bucket === bucket && isWithin(object.key)
    },
  }
}

/**
 * The folder itself counts, not its path: links, bind mounts and letters of either case lead to the same one. While it is away, an address
 * stays what it was found to be.
 */
function folderPlace(path: string): StorePlace {
  const known = new Set<string>()
  return {
    async covers(address) {
      const other = readStoreAddress(address)
      if (other.backend !== 'folder') return false
      const otherPath = resolve(other.folder)
      if (otherPath === path) return true
      const own = await identityOf(path)
      if (own === undefined) return known.has(otherPath)
      const isWithin = await liesIn(await real(otherPath), own)
      if (isWithin) known.add(otherPath)
      else known.delete(otherPath)
      return isWithin
    },
    holds: () => false,
  }
}

async function liesIn(path: string, folder: string): Promise<boolean> {
  if ((await identityOf(path)) === folder) return true
  const above = dirname(path)
  return above !== path && liesIn(above, folder)
}

/** `undefined` if there is nothing that can be looked at. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

/** Without links, as far as it is there. */
async function real(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const above = dirname(path)
    return above === path ? path : join(await real(above), basename(path))
  }
}
