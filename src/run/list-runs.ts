import { RunObjectInvalidError } from '../scatter/errors.js'
import { findObject } from '../scatter/find-object.js'
import { STANDALONE_PREFIX } from '../scatter/standalone-spec.js'
import { scopedStore } from '../store/scoped-store.js'
import type { Store } from '../store/store.js'
import { MANIFEST_KEY, parseRunId, parseTime, type RunId } from './layout.js'
import { compareVersions, parseVersion, type Version } from './versions.js'

/** A run in a listing. */
export interface RunEntry extends RunId {
  /** The id of the run: `<base id>/<version>/<timestamp>`. */
  readonly id: string
  /** Whether the allocation ended, so that the run has a manifest. */
  readonly complete: boolean
}

/**
 * Returns the folders of a store that hold versions of runs, sorted: one for each experiment,
 * unless `runName` was set. Names may have slashes.
 *
 * @example
 * ```ts
 * const store = openStore('s3://bucket/studies')
 * for (const base of await listBases(store)) {
 *   console.log(base, (await listRuns(store, base)).length)
 * }
 * ```
 */
export async function listBases(store: Store, prefix = ''): Promise<string[]> {
  const folders = (await store.listFolders(prefix)).filter((name) => prefix + name !== STANDALONE_PREFIX)
  if (prefix && folders.some((name) => parseVersion(name))) return [prefix.slice(0, -1)]
  const bases: string[] = []
  for (const name of folders) bases.push(...(await listBases(store, `${prefix}${name}/`)))
  return bases
}

/**
 * Returns whether an allocation ended. Returns true also if an obstacle stands in the place of the
 * manifest, which opening the run reports.
 */
function hasManifest(folder: Store): Promise<boolean> {
  return findObject(folder, MANIFEST_KEY).then(
    (found) => found !== undefined,
    (error: unknown) => {
      if (error instanceof RunObjectInvalidError) return true
      throw error
    },
  )
}

/** Returns the version folders of a base id, oldest first. Other folders are skipped. */
export async function listVersionFolders(store: Store, base: string): Promise<{ name: string; version: Version }[]> {
  const names = await store.listFolders(`${base}/`)
  return names
    .flatMap((name) => {
      const version = parseVersion(name)
      return version ? [{ name, version }] : []
    })
    .sort((a, b) => compareVersions(a.version, b.version))
}

/**
 * Returns the runs of an experiment by version and time, the oldest first.
 *
 * @param base The folder of the runs, as `listBases` returns it and `BaseExperiment.baseId` has it.
 * @example
 * ```ts
 * const runs = await listRuns(openStore('./results'), 'scythe_experiment_simulate_energy')
 * console.log(runs.filter(({ complete }) => complete).at(-1)?.id)
 * ```
 */
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
