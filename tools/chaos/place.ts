import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { FaultProxy } from '../s3/fault-proxy.js'
import { EXPERIMENTS } from './mix.js'

/** Where the store of one run lies, as its command line is told and as it is on our own disk. */
export interface Place {
  readonly kind: 'folder' | 's3'
  /** What `--store` is given. */
  readonly address: string
  /** What a process needs in its environment to reach it. */
  readonly env: Readonly<Record<string, string>>
  /** The store's folder: of a bucket, that in which the server keeps it. */
  readonly folder: string
  /** A small file system of its own, which can be filled and made read-only. */
  readonly mount: string | undefined
  readonly proxy: FaultProxy | undefined
  remove(): void
}

const MOUNT_MB = 256

/** A folder, on a small file system in memory where the run needs one. */
export function folderPlace(work: string, mounted: boolean): Place {
  const mount = join(work, 'disk')
  mkdirSync(mount, { recursive: true })
  if (mounted) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${MOUNT_MB}m`, 'chaos', mount])
  const folder = join(mount, 'store')
  return {
    kind: 'folder',
    address: folder,
    env: {},
    folder,
    mount: mounted ? mount : undefined,
    proxy: undefined,
    remove() {
      if (mounted) execFileSync('umount', ['--lazy', mount])
      rmSync(mount, { recursive: true, force: true })
    },
  }
}

/** Why small file systems cannot be made here. `undefined` where they can. */
export function whyNoMount(work: string): string | undefined {
  const probe = join(work, 'probe')
  mkdirSync(probe, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'chaos', probe], { stdio: 'pipe' })
    execFileSync('umount', [probe], { stdio: 'pipe' })
    return undefined
  } catch {
    return 'a small file system cannot be mounted here (that takes root on Linux)'
  } finally {
    rmSync(probe, { recursive: true, force: true })
  }
}

/** How far a run is: what its folder on the disk says. */
export interface Look {
  /** The run's id; `undefined` until it has a manifest. */
  readonly run: string | undefined
  readonly receipts: number
  /** Rows that receipts cover. */
  readonly covered: number
}

const RECEIPT = /^receipt-(\d+)-(\d+)\.json$/

export function look(place: Place): Look {
  const run = latestRun(place)
  if (run === undefined) return { run, receipts: 0, covered: 0 }
  const ranges: [number, number][] = []
  for (const name of namesIn(join(place.folder, run, 'receipts'))) {
    const [, start, end] = RECEIPT.exec(name) ?? []
    if (end !== undefined) ranges.push([Number(start), Number(end)])
  }
  ranges.sort(([a], [b]) => a - b)
  let covered = 0
  let reached = 0
  for (const [start, end] of ranges) {
    if (end <= reached) continue
    covered += end - Math.max(start, reached)
    reached = end
  }
  return { run, receipts: ranges.length, covered }
}

/** The latest run that has a manifest: an allocation that was cut short is none. */
function latestRun({ folder }: Place): string | undefined {
  const runs = EXPERIMENTS.flatMap((base) =>
    namesIn(join(folder, base)).flatMap((version) =>
      namesIn(join(folder, base, version)).map((time) => ({ time, run: `${base}/${version}/${time}` })),
    ),
  )
  const latest = runs.sort((a, b) => (a.time < b.time ? 1 : -1))
  return latest.find(({ run }) => existsSync(join(folder, run, 'manifest.yml')))?.run
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Every file under a folder, by its path in it. */
export function filesIn(folder: string, prefix = ''): string[] {
  try {
    return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
      const path = prefix ? `${prefix}/${entry.name}` : entry.name
      return entry.isDirectory() ? filesIn(folder, path) : [path]
    })
  } catch {
    return []
  }
}
