import type { Run, Store } from '../../src/index.js'
import { scopedStore } from '../../src/store/scoped-store.js'
import { collect } from '../support/collect.js'

/** What happened to a run's folder. */
export type Damage = (folder: Store) => Promise<void>

/** The keys under a prefix that match. */
export async function keysOf(folder: Store, prefix: string, pattern = /./): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of folder.list(prefix)) if (pattern.test(key)) keys.push(key)
  return keys
}

/** Changes the bytes of the first object that matches. */
export const change =
  (prefix: string, pattern: RegExp, edit: (bytes: Uint8Array) => Uint8Array | string | undefined): Damage =>
  async (folder) => {
    const [key] = await keysOf(folder, prefix, pattern)
    const edited = edit(Uint8Array.from(await folder.get(key!)))
    await (edited === undefined ? folder.delete([key!]) : folder.put(key!, edited))
  }

/** One bit other than it was, at a share of the length. */
export const flip =
  (share: number) =>
  (bytes: Uint8Array): Uint8Array => {
    bytes[Math.floor(bytes.length * share)]! ^= 4
    return bytes
  }

export const cut = (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 20)
export const gone = () => undefined
export const all =
  (...damages: Damage[]): Damage =>
  async (folder) => {
    for (const damage of damages) await damage(folder)
  }

/** As a run is whose root had not ended. */
export const unfinish: Damage = async (folder) => folder.delete(['receipt.json', ...(await keysOf(folder, 'final/'))])

/** The run as it is in another store, where it is damaged. */
export async function copyOf({ id }: Run, from: Store, to: Store, damage: Damage): Promise<Store> {
  const [source, folder] = [scopedStore(from, id), scopedStore(to, id)]
  for (const key of await keysOf(source, '')) await folder.put(key, await source.get(key))
  await damage(folder)
  return folder
}

const OF_ONE_ATTEMPT = ['workflow_run_id', 'root_workflow_run_id', 'report']

/** A run's rows, table by table, without what names a task or a place. */
export async function tablesOf(run: Run): Promise<Record<string, unknown[]>> {
  const tables: Record<string, unknown[]> = {}
  for (const table of Object.keys(await run.results())) {
    const rows = await collect(run.rows(table))
    tables[table] = rows.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !OF_ONE_ATTEMPT.includes(name))),
    )
  }
  return tables
}
