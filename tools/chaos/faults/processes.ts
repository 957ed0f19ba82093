import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { openFiles, signal } from '../processes.js'
import type { Random } from '../random.js'
import { ANY_ENGINE, ANY_STORE, type Arena, type Fault, soon, strikeOne } from './fault.js'

const poolOf = (arena: Arena) => arena.processes().flatMap(({ pid, isPool }) => (isPool ? [pid] : []))

function kill(name: string, of: string, signal: NodeJS.Signals, which: (arena: Arena) => readonly number[]): Fault {
  return {
    name,
    title: `${signal} of ${of}`,
    engines: ANY_ENGINE,
    stores: ANY_STORE,
    strike: (arena, random) => strikeOne(arena, random, signal, () => which(arena)),
  }
}

function killWorker(name: string, signal: NodeJS.Signals, role: 'leaf' | 'fan'): Fault {
  const which = ({ fleet }: Arena) => fleet?.workers(role) ?? []
  return { ...kill(name, `a ${role} worker, which is started again`, signal, which), engines: ['hatchet'] }
}

/** Mostly some seconds; now and then what an engine takes for death. */
function stopSeconds(random: Random): number {
  if (random.chance(0.08)) return 40
  return random.chance(0.2) ? random.whole(6, 12) : random.whole(1, 5)
}

async function stopFor(arena: Arena, pids: readonly number[], ms: number): Promise<boolean> {
  const stopped = pids.filter((pid) => signal(pid, 'SIGSTOP'))
  try {
    await arena.wait(ms)
  } finally {
    for (const pid of stopped) signal(pid, 'SIGCONT')
  }
  return stopped.length > 0
}

/** Only the soft limit, so that it can be lifted again: to the hard one, if none is given. */
function limitFiles(pid: number, limit: number | string = mostFiles(pid)): boolean {
  try {
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${limit}:`], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

/** Of a process that is gone, anything. */
function mostFiles(pid: number): string {
  try {
    return /^Max open files +\S+ +(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))![1]!
  } catch {
    return ''
  }
}

export const processFaults: readonly Fault[] = [
  {
    ...kill('client-kill', 'the client', 'SIGKILL', () => []),
    strike: (arena) => arena.killClients('SIGKILL'),
  },
  {
    ...kill('client-term', 'the client', 'SIGTERM', () => []),
    strike: (arena) => arena.killClients('SIGTERM'),
  },
  kill('pool-kill', 'a pool process', 'SIGKILL', poolOf),
  kill('pool-term', 'a pool process', 'SIGTERM', poolOf),
  killWorker('leaf-kill', 'SIGKILL', 'leaf'),
  killWorker('leaf-term', 'SIGTERM', 'leaf'),
  killWorker('fan-kill', 'SIGKILL', 'fan'),
  killWorker('fan-term', 'SIGTERM', 'fan'),
  {
    name: 'stop-one',
    title: 'SIGSTOP of one process for 1 to 40 s',
    engines: ANY_ENGINE,
    stores: ANY_STORE,
    async strike(arena, random) {
      const all = await soon(arena, 4_000, () => {
        const found = arena.processes()
        return found.length > 0 ? found : undefined
      })
      return all ? stopFor(arena, [random.pick(all).pid], stopSeconds(random) * 1000) : false
    },
  },
  {
    name: 'stop-all',
    title: 'SIGSTOP of all processes for 1 to 40 s',
    engines: ANY_ENGINE,
    stores: ANY_STORE,
    strike: (arena, random) =>
      stopFor(
        arena,
        arena.processes().map(({ pid }) => pid),
        stopSeconds(random) * 1000,
      ),
  },
  {
    name: 'few-files',
    title: 'a limit of open files just above what is open, for some seconds',
    engines: ANY_ENGINE,
    stores: ANY_STORE,
    async strike(arena, random) {
      const main = arena.fleet ? arena.fleet.workers(random.pick(['leaf', 'fan'] as const)) : arena.clients()
      const pid = main.length > 0 ? random.pick(main) : undefined
      if (pid === undefined || !limitFiles(pid, openFiles(pid) + random.whole(0, 2))) return false
      await arena.wait(random.whole(1000, 4000))
      // What was started meanwhile has inherited it.
      for (const found of arena.processes()) limitFiles(found.pid)
      return true
    },
  },
]
