import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Returns where a process id means the same process: one machine since it was started, and one container of it. */
export function place(): string {
  const parts = [hostname(), read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))]
  parts.push(read(() => readlinkSync('/proc/self/ns/pid')))
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 8)
}

/** Returns whether the process that had this id, and began then, is there. */
export function isThere(pid: number, start: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = startOf(pid)
  // Another process may have the same id by now.
  return now === undefined || now === start
}

/** Returns when a process was started, in ticks since the machine was; `undefined` if the system does not say. */
export function startOf(pid: number): number | undefined {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  // The name of its program, in brackets, may hold anything.
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  return Number.isSafeInteger(ticks) && ticks > 0 ? ticks : undefined
}

/**
 * Returns what only this one process has, of all that ever ran anywhere: whoever was not there while it ran cannot know it. `undefined` if
 * it is not there, or the system does not say.
 */
export function markOf(pid: number): string | undefined {
  const start =
    startOf(pid) ?? read(() => spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout)
  return start === '' ? undefined : `${place()} ${start}`
}

/**
 * Returns the ids of the other processes that have a variable with this value in their environment. Linux alone shows it, and only that of
 * one's own processes.
 */
export function processesWith(variable: string, value: string): number[] {
  const wanted = `${variable}=${value}`
  const names = read(() => readdirSync('/proc').join(' ')).split(' ')
  return names
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) =>
      read(() => readFileSync(`/proc/${pid}/environ`, 'utf8'))
        .split('\0')
        .includes(wanted),
    )
}

function read(ask: () => string): string {
  try {
    return ask().trim()
  } catch {
    return ''
  }
}
