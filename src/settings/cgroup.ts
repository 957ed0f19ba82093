import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the control groups of this process leave it, at most; `undefined` where they set no limit. */
export interface CgroupLimits {
  /** CPUs, perhaps a fraction of one. */
  readonly cpus: number | undefined
  /** Bytes. */
  readonly memory: number | undefined
}

/** Reads the limits that apply to this process, of version 1 and 2. `root` is where `proc` and `sys` are. */
export function cgroupLimits(root = '/'): CgroupLimits {
  const read = (...path: string[]) => {
    try {
      return readFileSync(join(root, ...path), 'utf8')
    } catch {
      return undefined
    }
  }
  const groups = read('proc/self/cgroup') ?? ''
  const cpus = groupFolders(groups, 'cpu').flatMap((folder) => [
    parseCpuMax(read(folder, 'cpu.max')),
    parseCpuMax(`${read(folder, 'cpu.cfs_quota_us')} ${read(folder, 'cpu.cfs_period_us')}`),
  ])
  const memory = groupFolders(groups, 'memory').flatMap((folder) => [
    parseMemoryMax(read(folder, 'memory.max')),
    parseMemoryMax(read(folder, 'memory.limit_in_bytes')),
  ])
  return { cpus: least(cpus), memory: least(memory) }
}

/** Where the limits of a controller may lie, from `/proc/self/cgroup`: the process's group and all above it, each of which counts. */
export function groupFolders(groups: string, controller: 'cpu' | 'memory'): string[] {
  return groups.split('\n').flatMap((line) => {
    const [, , controllers, path] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) return []
    if (controllers !== '' && !controllers.split(',').includes(controller)) return []
    const mount = controllers === '' ? 'sys/fs/cgroup' : `sys/fs/cgroup/${controller}`
    const names = path.split('/').filter((name) => name !== '')
    return Array.from({ length: names.length + 1 }, (_, above) => join(mount, ...names.slice(0, names.length - above)))
  })
}

/** `"150000 100000"`, microseconds of CPU in so many microseconds, is 1.5 CPUs; `"max 100000"` and `"-1 100000"` are not limits. */
export function parseCpuMax(text: string | undefined): number | undefined {
  const [, quota, period] = /^(\d+)\s+(\d+)\s*$/.exec(text ?? '') ?? []
  return Number(period) > 0 && Number(quota) > 0 ? Number(quota) / Number(period) : undefined
}

/** Bytes; `"max"` and numbers that no machine has are not limits. */
export function parseMemoryMax(text: string | undefined): number | undefined {
  const bytes = /^\d+\s*$/.test(text ?? '') ? Number(text) : Number.NaN
  return bytes > 0 && bytes < 2 ** 60 ? bytes : undefined
}

function least(limits: readonly (number | undefined)[]): number | undefined {
  const set = limits.filter((limit) => limit !== undefined)
  return set.length > 0 ? Math.min(...set) : undefined
}
