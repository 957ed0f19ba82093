import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cgroupCpus, groupFolders, parseCpuMax } from '../../src/settings/cgroup.js'
import { usableCpus } from '../../src/settings/machine.js'

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
  it('are read in version 2, as the lowest of the group and all its ancestors', () => {
    files({
      'proc/self/cgroup': '0::/user.slice/app\n',
      'sys/fs/cgroup/user.slice/app/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/user.slice/cpu.max': '250000 100000\n',
      'sys/fs/cgroup/cpu.max': '400000 100000\n',
    })
    expect(cgroupCpus(root)).toBe(2.5)
  })

  it('are read in version 1, also if the group is mounted as the root', () => {
    files({
      'proc/self/cgroup': '4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '150000\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    })
    expect(cgroupCpus(root)).toBe(1.5)
  })

  it('are undefined if none is set, or if the system has no control groups', () => {
    expect(cgroupCpus(root)).toBeUndefined()
    files({
      'proc/self/cgroup': '2:memory:/\n1:cpu:/\n0::/\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/cpu.max': 'max 100000\n',
    })
    expect(cgroupCpus(root)).toBeUndefined()
  })

  it('are whole CPUs, at least one, and no more than the machine has', () => {
    expect(usableCpus(root)).toBe(availableParallelism())
    files({
      'proc/self/cgroup': '0::/\n',
      'sys/fs/cgroup/cpu.max': '50000 100000',
    })
    expect(usableCpus(root)).toBe(1)
    files({ 'sys/fs/cgroup/cpu.max': '100000000 100000' })
    expect(usableCpus(root)).toBe(availableParallelism())
  })

  it('are read from the group and all its ancestors', () => {
    expect(groupFolders('0::/a/b')).toEqual(['sys/fs/cgroup/a/b', 'sys/fs/cgroup/a', 'sys/fs/cgroup'])
    expect(groupFolders('5:cpu:/\n4:memory:/a\n0::/')).toEqual(['sys/fs/cgroup/cpu', 'sys/fs/cgroup'])
    expect(groupFolders('7:name=systemd:/a\n')).toEqual([])
  })

  it.each([undefined, '', 'max 100000', '-1 100000', 'undefined undefined', '100000', '100000 0'])(
    '%j is not a CPU limit',
    (text) => {
      expect(parseCpuMax(text)).toBeUndefined()
    },
  )

  it('are parsed from any text without an error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(groupFolders(text)).toBeInstanceOf(Array)
        expect(parseCpuMax(text) ?? 1).toBeGreaterThan(0)
      }),
    )
  })
})
