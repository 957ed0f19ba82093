import { readdirSync, readFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** What the operating system keeps of a process, and how Node was called: all specs share it, and no spec may change it. */
export interface ProcessFacts {
  /** Takes what is there now as right. */
  remember(): void
  /** Returns the name of one that is not as it was, or `undefined`. */
  changed(): string | undefined
  /** Puts back what can be put back. A process that gave up its rights for good does not get them again. */
  restore(): void
  /** Whether our own code can go on: it does with other arguments, and not as another user. */
  isSound(): boolean
}

interface Fact<T> {
  readonly name: string
  read(): T
  isSame(now: T, then: T): boolean
  restore?(then: T): void
  /** Whether our own code does without it. */
  readonly isDispensable?: boolean
}

const { is } = Object
const { geteuid, getegid, getuid, getgid, getgroups, seteuid, setegid, setgroups } = process
const priority = () => {
  try {
    return getPriority()
  } catch {
    return 0
  }
}

type Listener = (...args: unknown[]) => void
const rawListeners = process.rawListeners.bind(process) as (event: string) => Listener[]
const addListener = process.addListener.bind(process) as (event: string, listener: Listener) => unknown
const removeAllListeners = process.removeAllListeners.bind(process)
const hasCallback = process.hasUncaughtExceptionCaptureCallback.bind(process)
const setCallback = process.setUncaughtExceptionCaptureCallback.bind(process)
/** One that swallows them would turn the error rows of other specs into results. */
const ERROR_HANDLERS = 'who hears of errors that nobody caught'

/** Open files that are left to others, of those that a process may have: what is open by then stays open. */
const MANY_FILES = 0.5
const listFolder = readdirSync
const mostFiles = fileLimit() * MANY_FILES
const openFiles = () => (mostFiles < Number.POSITIVE_INFINITY ? listFolder('/proc/self/fd').length : 0)

// biome-ignore lint/suspicious/noExplicitAny: each has values of its own
const FACTS: readonly Fact<any>[] = [
  { name: 'the user of the process', read: () => geteuid?.(), isSame: is, restore: (id) => seteuid?.(id) },
  { name: 'the group of the process', read: () => getegid?.(), isSame: is, restore: (id) => setegid?.(id) },
  { name: 'the real user of the process', read: () => getuid?.(), isSame: is },
  { name: 'the real group of the process', read: () => getgid?.(), isSame: is },
  {
    name: 'the groups of the process',
    read: () => getgroups?.() ?? [],
    isSame: areSame,
    restore: (ids) => setgroups?.(ids),
  },
  {
    name: 'the priority of the process',
    read: priority,
    isSame: is,
    restore: (value) => setPriority(value),
    isDispensable: true,
  },
  {
    name: 'how many files it has open',
    read: openFiles,
    isSame: (now: number, then: number) => now <= Math.max(mostFiles, then),
    isDispensable: true,
  },
  listenersFact('uncaughtException'),
  listenersFact('unhandledRejection'),
  // Put back last: domains set it with each listener.
  { name: ERROR_HANDLERS, read: hasCallback, isSame: is, restore: () => setCallback(null), isDispensable: true },
  argumentsFact('argv'),
  argumentsFact('execArgv'),
  {
    name: 'process.execPath',
    read: () => process.execPath,
    isSame: is,
    restore: (path) => {
      process.execPath = path
    },
  },
]

export function watchProcessFacts(): ProcessFacts {
  const values: unknown[] = []
  function isChanged(i: number): boolean {
    try {
      return !FACTS[i]!.isSame(FACTS[i]!.read(), values[i])
    } catch {
      return true
    }
  }

  return {
    remember() {
      for (let i = 0; i < FACTS.length; i++) values[i] = FACTS[i]!.read()
    },
    changed() {
      for (let i = 0; i < FACTS.length; i++) if (isChanged(i)) return FACTS[i]!.name
      return undefined
    },
    restore() {
      for (let i = 0; i < FACTS.length; i++) {
        try {
          if (isChanged(i)) FACTS[i]!.restore?.(values[i])
        } catch {
          // It has no right to it any more.
        }
      }
    },
    isSound() {
      for (let i = 0; i < FACTS.length; i++) if (!FACTS[i]!.isDispensable && isChanged(i)) return false
      return true
    },
  }
}

/** Returns how many files this process may have open; unlimited if the system does not tell. */
function fileLimit(): number {
  try {
    const [, most] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return most === undefined ? Number.POSITIVE_INFINITY : Number(most)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

function listenersFact(event: 'uncaughtException' | 'unhandledRejection'): Fact<readonly Listener[]> {
  return {
    name: ERROR_HANDLERS,
    read: () => rawListeners(event),
    isSame: areSame,
    restore(then) {
      removeAllListeners(event)
      for (const listener of then) addListener(event, listener)
    },
    isDispensable: true,
  }
}

function argumentsFact(key: 'argv' | 'execArgv'): Fact<readonly string[]> {
  const list = process[key]
  return {
    name: `process.${key}`,
    read: () => copyOf(process[key]),
    isSame: areSame,
    restore(then) {
      process[key] = list
      list.length = 0
      for (let i = 0; i < then.length; i++) list[i] = then[i]!
    },
  }
}

function copyOf(list: readonly string[]): readonly string[] {
  const copy: string[] = []
  for (let i = 0; i < list.length; i++) copy[i] = list[i]!
  return copy
}

function areSame(now: readonly unknown[], then: readonly unknown[]): boolean {
  if (now.length !== then.length) return false
  for (let i = 0; i < now.length; i++) if (now[i] !== then[i]) return false
  return true
}
