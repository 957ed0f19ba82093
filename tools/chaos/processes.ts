import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { processesWith } from '../../src/settings/processes.js'

/** The variable by which everything that a run started is known, whoever its parent is by now. */
export const MARK = 'CHAOS_MARK'

export interface Found {
  readonly pid: number
  readonly command: string
  /** One of the processes that run specs. */
  readonly isPool: boolean
}

/** Every process that has this mark in its environment. What has ended and waits for its parent does not count. */
export function marked(mark: string): Found[] {
  const found: Found[] = []
  for (const pid of processesWith(MARK, mark)) {
    try {
      if (isZombie(pid)) continue
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
      found.push({ pid, command, isPool: command.includes('/execute/child/main.js') })
    } catch {
      // It ended meanwhile.
    }
  }
  return found
}

function isZombie(pid: number): boolean {
  return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}

/** Sends a signal. `false` where the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

/** The file descriptors that a process has open; 0 where it is gone. */
export function openFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}

/** Where a process stands, for a report. */
export function placeOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return 'gone'
  }
}
