import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cgroupLimits, groupFolders, parseCpuMax, parseMemoryMax } from '../../src/settings/cgroup.js'
import { usableCpus, usableMemory } from '../../src/settings/machine.js'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgroup-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function files(contents: Record<string, string>) {
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

describe('limits of control groups', () => {
  it('are read in version 2, the least of the group and all above it', () => {
    files({
      'proc/self/cgroup': '0::/user.slice/app\n',
      'sys/fs/cgroup/user.slice/app/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/user.slice/app/memory.max': '2147483648\n',
      'sys/fs/cgroup/user.slice/cpu.max': '250000 100000\n',
      'sys/fs/cgroup/user.slice/memory.max': '1073741824\n',
      'sys/fs/cgroup/cpu.max': '400000 100000\n',
    })
    expect(cgroupLimits(root)).toEqual({ cpus: 2.5, memory: 2 ** 30 })
  })

  it('are read in version 1, also where the group is mounted as the root', () => {
    files({
      'proc/self/cgroup': '4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '150000\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes': '536870912\n',
    })
    expect(cgroupLimits(root)).toEqual({ cpus: 1.5, memory: 2 ** 29 })
  })

  it('are none where none is set, or the system has no control groups', () => {
    expect(cgroupLimits(root)).toEqual({ cpus: undefined, memory: undefined })
    files({
      'proc/self/cgroup': '2:memory:/\n1:cpu:/\n0::/\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      'sys/fs/cgroup/memory.max': 'max\n',
    })
    expect(cgroupLimits(root)).toEqual({ cpus: undefined, memory: undefined })
  })

  it('make whole CPUs, at least one, and no more than there are', () => {
    expect(usableCpus(root)).toBe(availableParallelism())
    expect(usableMemory(root)).toBe(totalmem())
    files({
      'proc/self/cgroup': '0::/\n',
      'sys/fs/cgroup/cpu.max': '50000 100000',
      'sys/fs/cgroup/memory.max': '1000000',
    })
    expect(usableCpus(root)).toBe(1)
    expect(usableMemory(root)).toBe(1_000_000)
    files({ 'sys/fs/cgroup/cpu.max': '100000000 100000' })
    expect(usableCpus(root)).toBe(availableParallelism())
  })

  it('are looked for in the group and all above it', () => {
    expect(groupFolders('0::/a/b', 'cpu')).toEqual(['sys/fs/cgroup/a/b', 'sys/fs/cgroup/a', 'sys/fs/cgroup'])
    expect(groupFolders('5:cpu:/a\n4:memory:/\n0::/', 'memory')).toEqual(['sys/fs/cgroup/memory', 'sys/fs/cgroup'])
    expect(groupFolders('7:name=systemd:/a\n', 'cpu')).toEqual([])
  })

  it.each([undefined, '', 'max 100000', '-1 100000', 'undefined undefined', '100000', '100000 0'])(
    '%j is no limit of CPUs',
    (text) => {
      expect(parseCpuMax(text)).toBeUndefined()
    },
  )

  it.each([undefined, '', 'max', '0', '9223372036854771712', '-1'])('%j is no limit of memory', (text) => {
    expect(parseMemoryMax(text)).toBeUndefined()
  })

  it('take any text without failing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(groupFolders(text, 'cpu')).toBeInstanceOf(Array)
        expect(parseCpuMax(text) ?? 1).toBeGreaterThan(0)
        expect(parseMemoryMax(text) ?? 1).toBeGreaterThan(0)
      }),
    )
  })
})
