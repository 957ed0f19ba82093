import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Returns the number of CPUs, perhaps fractional, that the control groups of this process allow, in
 * versions 1 and 2. Returns `undefined` if they set no limit. `root` is the folder that contains
 * `proc` and `sys`.
 */
export function cgroupCpus(root = '/'): number | undefined {
  const read = (...path: string[]) => {
    try {
      return readFileSync(join(root, ...path), 'utf8')
    } catch {
      return undefined
    }
  }
  const limits = groupFolders(read('proc/self/cgroup') ?? '')
    .flatMap((folder) => [
      parseCpuMax(read(folder, 'cpu.max')),
      parseCpuMax(`${read(folder, 'cpu.cfs_quota_us')} ${read(folder, 'cpu.cfs_period_us')}`),
    ])
    .filter((limit) => limit !== undefined)
  return limits.length > 0 ? Math.min(...limits) : undefined
}

/**
 * Returns the folders that may contain CPU limits, from `/proc/self/cgroup`: the process's group
 * and all groups above it. Each limit applies.
 */
export function groupFolders(groups: string): string[] {
  return groups.split('\n').flatMap((line) => {
    const [, , controllers, path] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) return []
    if (controllers !== '' && !controllers.split(',').includes('cpu')) return []
    const mount = controllers === '' ? 'sys/fs/cgroup' : 'sys/fs/cgroup/cpu'
    const names = path.split('/').filter((name) => name !== '')
    return Array.from({ length: names.length + 1 }, (_, above) => join(mount, ...names.slice(0, names.length - above)))
  })
}

/**
 * Returns the CPUs of a quota: `"150000 100000"`, in microseconds of CPU per microseconds, is 1.5.
 * Returns `undefined` for quotas that are not limits: `"max 100000"` and `"-1 100000"`.
 */
export function parseCpuMax(text: string | undefined): number | undefined {
  const [, quota, period] = /^(\d+)\s+(\d+)\s*$/.exec(text ?? '') ?? []
  return Number(period) > 0 && Number(quota) > 0 ? Number(quota) / Number(period) : undefined
}
