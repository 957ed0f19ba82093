import { RunObjectInvalidError } from '../scatter/errors.js'
import { findObject } from '../scatter/find-object.js'
import { STANDALONE_PREFIX } from '../scatter/standalone-spec.js'
import { scopedStore } from '../store/scoped-store.js'
import type { Store } from '../store/store.js'
import { MANIFEST_KEY, parseRunId, parseTime, type RunId } from './layout.js'
import { compareVersions, parseVersion, type Version } from './versions.js'

/** A run as a listing shows it. An incomplete one has no manifest: its allocation did not end. */
export interface RunEntry extends RunId {
  /** `<base id>/<version>/<timestamp>`. */
  readonly id: string
  readonly complete: boolean
}

/** The base ids of a store, sorted: the folders that hold versions. Names may have slashes in them. */
export async function listBases(store: Store, prefix = ''): Promise<string[]> {
  const folders = (await store.listFolders(prefix)).filter((name) => prefix + name !== STANDALONE_PREFIX)
  if (prefix && folders.some((name) => parseVersion(name))) return [prefix.slice(0, -1)]
  const bases: string[] = []
  for (const name of folders) bases.push(...(await listBases(store, `${prefix}${name}/`)))
  return bases
}

/** Whether an allocation ended. Something that only stands in the manifest's place is for whoever opens the run to name. */
function hasManifest(folder: Store): Promise<boolean> {
  return findObject(folder, MANIFEST_KEY).then(
    (found) => found !== undefined,
    (error: unknown) => {
      if (error instanceof RunObjectInvalidError) return true
      throw error
    },
  )
}

/** The versions of a base id, oldest first. What is not a version is passed over. */
export async function listVersionFolders(store: Store, base: string): Promise<{ name: string; version: Version }[]> {
  const names = await store.listFolders(`${base}/`)
  return names
    .flatMap((name) => {
      const version = parseVersion(name)
      return version ? [{ name, version }] : []
    })
    .sort((a, b) => compareVersions(a.version, b.version))
}

/** The runs of a base id, by version and time, oldest first. */
export async function listRuns(store: Store, base: string): Promise<RunEntry[]> {
  const runs: RunEntry[] = []
  for (const { name } of await listVersionFolders(store, base)) {
    const times = (await store.listFolders(`${base}/${name}/`)).filter((time) => parseTime(time))
    const entries = await Promise.all(
      times.map(async (time) => {
        const id = `${base}/${name}/${time}`
        return { ...parseRunId(id)!, id, complete: await hasManifest(scopedStore(store, id)) }
      }),
    )
    runs.push(...entries)
  }
  // A version may have two folders: v1.0.0, and v1-0-0 by Python Scythe.
  return runs.sort((a, b) => compareVersions(a.version, b.version) || a.time.getTime() - b.time.getTime())
}
