import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Returns an identifier of the scope in which a process id is unique: one machine since its start,
 * and one container on it.
 */
export function place(): string {
  const parts = [hostname(), read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))]
  parts.push(read(() => readlinkSync('/proc/self/ns/pid')))
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 8)
}

/** Returns whether the process with this id and this start time is running. */
export function isThere(pid: number, start: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = startOf(pid)
  // Another process may have this id by now.
  return now === undefined || now === start
}

/**
 * Returns the start time of a process, in ticks since the start of the machine. Returns `undefined`
 * if the system does not tell.
 */
export function startOf(pid: number): number | undefined {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  // The program's name, in brackets, may contain any characters.
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  return Number.isSafeInteger(ticks) && ticks > 0 ? ticks : undefined
}

/**
 * Returns a text that identifies this process among all processes that ever ran anywhere. Only code
 * that ran at the same time on the machine can know the text. Returns `undefined` if the process is
 * not running, or the system does not tell.
 */
export function markOf(pid: number): string | undefined {
  const start =
    startOf(pid) ?? read(() => spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout)
  return start === '' ? undefined : `${place()} ${start}`
}

/**
 * Returns the ids of the other processes that have a variable with this value in their environment.
 * Only Linux shows the environment, and only that of the user's own processes.
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
