import { setTimeout as sleep } from 'node:timers/promises'
import type { Fleet } from '../fleet.js'
import type { Place } from '../place.js'
import { type Found, signal } from '../processes.js'
import type { Random } from '../random.js'

export type EngineName = 'local' | 'hatchet'

/** A class of faults. */
export interface Fault {
  readonly name: string
  /** What happens, for a person. */
  readonly title: string
  readonly engines: readonly EngineName[]
  readonly stores: readonly Place['kind'][]
  /** It needs a small file system of the run's own. */
  readonly needsMount?: boolean
  /** It strikes a run that is done. */
  readonly atEnd?: boolean
  /** Does it, waits until it is over, and says whether it really hit something. */
  strike(arena: Arena, random: Random): Promise<boolean>
}

/** A run under fire, as faults see it. */
export interface Arena {
  readonly place: Place
  readonly fleet: Fleet | undefined
  /** The process ids of the command lines that run or follow it. */
  clients(): readonly number[]
  /** Starts one more command line that goes on with it. */
  resume(): void
  /** Kills every command line, and waits until they are gone. */
  killClients(signal: NodeJS.Signals): Promise<boolean>
  /** All processes of the run, and those of the workers where it has some. */
  processes(): readonly Found[]
  /** Where the run lies on our disk, once it is there. */
  runFolder(): string | undefined
  readonly isDone: boolean
  /** Ends early where everything is to stop. */
  wait(ms: number): Promise<void>
}

export const ANY_ENGINE: readonly EngineName[] = ['local', 'hatchet']
export const ANY_STORE: readonly Place['kind'][] = ['folder', 's3']

const POLL_MS = 20

/** What `find` gives, as soon as it gives something; `undefined` where nothing came while the run was on, or for `ms`. */
export async function soon<T>(arena: Arena, ms: number, find: () => T | undefined): Promise<T | undefined> {
  for (const until = Date.now() + ms; Date.now() < until && !arena.isDone; await sleep(POLL_MS)) {
    const found = find()
    if (found !== undefined) return found
  }
  return undefined
}

/** Sends a signal to one of these processes, as soon as there is one. */
export async function strikeOne(
  arena: Arena,
  random: Random,
  name: NodeJS.Signals,
  which: () => readonly number[],
): Promise<boolean> {
  const hit = await soon(arena, 4_000, () => {
    const pids = which()
    if (pids.length === 0) return undefined
    return signal(random.pick(pids), name) || undefined
  })
  return hit ?? false
}
