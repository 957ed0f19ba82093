import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '../../src/index.js'
import { runPython } from '../support/python.js'

/** A table as pandas has it. */
export interface Frame {
  /** Of a table without an index: `[null]`. */
  readonly index: readonly (string | null)[]
  readonly index_dtypes: readonly string[]
  readonly columns: readonly string[]
  readonly dtypes: readonly string[]
  /** With the levels of the index, if it has names. */
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

export type Frames = Readonly<Record<string, Frame>>

/** The specs and the final tables of runs, by name. */
export async function readFrames(runs: readonly { store: Store; id: string }[]): Promise<Frames[]> {
  const folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
  const tables = await Promise.all(runs.map(({ store, id }) => listTables(store, id)))
  try {
    const paths: string[] = []
    for (const [i, { store }] of runs.entries()) {
      for (const key of tables[i]!.values()) {
        paths.push(join(folder, `${paths.length}.pq`))
        await writeFile(paths.at(-1)!, await store.get(key))
      }
    }
    const frames = (await runPython<Frame[]>(new URL('python/frames.py', import.meta.url), paths)).values()
    return tables.map((run) => Object.fromEntries([...run.keys()].map((name) => [name, frames.next().value!])))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function listTables(store: Store, id: string): Promise<Map<string, string>> {
  const tables = new Map([['specs', `${id}/specs.pq`]])
  for await (const { key } of store.list(`${id}/final/`)) tables.set(key.replace(/^.*\/(.+)\.pq$/, '$1'), key)
  return tables
}

const IDS = ['experiment_id', 'workflow_run_id', 'root_workflow_run_id']

/**
 * Frames so that those of two runs can be compared: of ids what type they are, of addresses in the run's folder where in it, of
 * files that specs returned that they are some.
 */
export function comparable(frames: Frames, run: string): Frames {
  const plain = (name: string, value: unknown) => {
    if (IDS.includes(name)) return value === null ? null : typeof value
    if (typeof value !== 'string' || !value.includes(`/${run}/`)) return value
    return value.slice(value.indexOf(`/${run}/`) + run.length + 2).replace(/^(results\/\w+)\/.+$/, '$1')
  }
  return mapFrames(frames, (frame) => ({
    ...frame,
    rows: frame.rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(name, value)])),
    ),
  }))
}

/** Where our tables are other than Python's, each with the reason: what makes of theirs what ours are to be. */
const DIFFERENCES: Readonly<Record<string, (theirs: Frames) => Frames>> = {
  'rows are in the order of the specs, not of the branches that they came from': (theirs) => {
    const bySortIndex = (a: Frame['rows'][number], b: Frame['rows'][number]) =>
      (a.sort_index as number) - (b.sort_index as number)
    return mapFrames(theirs, (frame) =>
      frame.index.includes('sort_index') ? { ...frame, rows: frame.rows.toSorted(bySortIndex) } : frame,
    )
  },
  "a user's table has its spec for an index, and counts the spec's rows, so that it can be joined": (theirs) => {
    const { profile, scalars } = theirs
    if (!profile || !scalars) return theirs
    const rows = scalars.rows.flatMap(({ total: _, ...spec }) =>
      Array.from({ length: spec.steps as number }, (_, sort_subindex) => ({ ...spec, sort_subindex })),
    )
    const joined = {
      ...profile,
      index: [...scalars.index, 'sort_subindex'],
      index_dtypes: [...scalars.index_dtypes, 'int64'],
      rows: rows.map((row, i) => ({ ...row, ...profile.rows[i] })),
    }
    return { ...theirs, profile: joined }
  },
}

/** What Python's frames of a run would be if we had written them. */
export function asWeWrite(theirs: Frames): Frames {
  return Object.values(DIFFERENCES).reduce((frames, change) => change(frames), theirs)
}

function mapFrames(frames: Frames, change: (frame: Frame) => Frame): Frames {
  return Object.fromEntries(Object.entries(frames).map(([name, frame]) => [name, change(frame)]))
}
