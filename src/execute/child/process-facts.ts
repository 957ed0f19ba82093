import { readdirSync, readFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/**
 * Watches the process attributes that the operating system and Node keep. All specs of a process
 * share them, and no spec may change them.
 */
export interface ProcessFacts {
  /** Records the current values as the valid ones. */
  remember(): void
  /** Returns the name of a changed attribute, or `undefined`. */
  changed(): string | undefined
  /**
   * Restores the attributes that can be restored. A process that dropped its privileges for good
   * cannot get them back.
   */
  restore(): void
  /**
   * Returns whether Scythe's own code can continue. It needs the arguments and the user of the
   * process, but not, for example, the priority.
   */
  isSound(): boolean
}

interface Fact<T> {
  readonly name: string
  read(): T
  isSame(now: T, then: T): boolean
  restore?(then: T): void
  /** Whether Scythe's own code works without this attribute. */
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
/** A handler that swallows errors would turn the error rows of other specs into results. */
const ERROR_HANDLERS = 'who hears of errors that nobody caught'

/**
 * Fraction of the open-file limit above which a process counts as changed: its files stay open, and
 * other specs need the rest.
 */
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
  // Restored last, because domains set it with each listener.
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
          // The process no longer has the permission.
        }
      }
    },
    isSound() {
      for (let i = 0; i < FACTS.length; i++) if (!FACTS[i]!.isDispensable && isChanged(i)) return false
      return true
    },
  }
}

/**
 * Returns the maximum number of open files of this process; `Infinity` if the system does not
 * report it.
 */
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
