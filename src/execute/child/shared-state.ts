import { syncBuiltinESMExports } from 'node:module'
import { watchProcessFacts } from './process-facts.js'
import { watchStackFormat } from './stack-format.js'

/**
 * What all specs of a process share and no spec may change: the working folder, the mask of new files, the environment, its user and
 * arguments, and the language's own objects. A row that was made after somebody changed them may not be what its spec alone would have given.
 *
 * Everything that this file uses is taken when it is loaded, before the user's module is: it has to work after a spec has changed
 * anything else. So it has no loop over an iterator and calls no method of a built-in object.
 */
export interface SharedState {
  /** Takes what is there now as right. */
  remember(): void
  /** Returns the name of something that is not as it was, or `undefined`. Takes some 0.3 ms. */
  changed(): string | undefined
  /** Puts back what can be put back, so that our own code works once more. */
  restore(): void
  /** Whether it does: what cannot be put back is at most that something was frozen, or the priority. */
  isSound(): boolean
  /**
   * Puts back the working folder, the mask, the exit code and how stacks are written. Returns whether one of the first two was set since
   * the last call, by the program and not by us. Costs nothing if they were not.
   */
  resetProcess(): boolean
}

interface Watched {
  readonly name: string
  readonly object: object
  /** The properties to look at; `undefined`: all, and none may be added. */
  readonly only: readonly PropertyKey[] | undefined
  keys: readonly PropertyKey[]
  descriptors: readonly PropertyDescriptor[]
}

const { apply, getOwnPropertyDescriptor, defineProperty, deleteProperty, ownKeys, getPrototypeOf } = Reflect
const { is } = Object
const { chdir, cwd, umask } = process
/** An exotic object: reading it asks the system. */
const environment = process.env
/** Behind accessors that keep what they are set to. */
const clock = performance

/** Of `Error`, put back one by one. */
const FREE: readonly PropertyKey[] = ['stackTraceLimit', 'prepareStackTrace']
/** Names of the global object that belong to the program, or lead back to it. */
const UNWATCHED = ['process', 'global', 'globalThis', 'console']
const PROCESS_FUNCTIONS = ['nextTick', 'hrtime', 'exit', 'kill', 'abort', 'cwd', 'chdir', 'umask']

/** @param onSet told when the program sets the working folder or the mask */
export function watchSharedState(onSet: () => void): SharedState {
  const watched = builtIns()
  const facts = watchProcessFacts()
  const stacks = watchStackFormat()
  let folder = here()
  let setFolder: typeof chdir = chdir
  let isOurs = false
  let mask = umask()
  let exitCode = process.exitCode
  let env: Record<string, string | undefined> = {}
  let isSet = false

  process.chdir = function chdir_(directory) {
    chdir(directory)
    if (isOurs) return
    isSet = true
    onSet()
  } as typeof process.chdir
  process.umask = function umask_(value?: string | number) {
    if (value === undefined) return umask()
    const before = umask(value)
    isSet = true
    onSet()
    return before
  } as typeof process.umask
  syncBuiltinESMExports()

  function changedProperty({ name, object, only, keys, descriptors }: Watched, flags: boolean): string | undefined {
    const now = only ? keys : ownKeys(object)
    for (let i = 0; now.length !== keys.length && i < now.length; i++) {
      const key = now[i]!
      if (!includes(keys, key) && !(object === Error && includes(FREE, key))) return pathOf(name, key)
    }
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!
      const then = descriptors[i]!
      const current = getOwnPropertyDescriptor(object, key)
      if (!isSame(current, then, flags) && !isMade(object, current, then)) return pathOf(name, key)
    }
    return undefined
  }

  function changedVariable(): string | undefined {
    const names = ownKeys(environment) as string[]
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!
      if (environment[name] !== env[name]) return `process.env.${name}`
    }
    const before = ownKeys(env) as string[]
    if (before.length === names.length) return undefined
    for (let i = 0; i < before.length; i++) if (environment[before[i]!] === undefined) return `process.env.${before[i]}`
    return undefined
  }

  function goHome(): void {
    isOurs = true
    try {
      if (here() !== folder || setFolder !== chdir) setFolder(folder)
    } catch {
      // It was removed. Whoever looks next finds it changed.
    } finally {
      isOurs = false
    }
  }

  function putBackVariables(): void {
    const now = ownKeys(environment) as string[]
    for (let i = 0; i < now.length; i++) if (env[now[i]!] === undefined) delete environment[now[i]!]
    const before = ownKeys(env) as string[]
    for (let i = 0; i < before.length; i++) {
      if (environment[before[i]!] !== env[before[i]!]) environment[before[i]!] = env[before[i]!]
    }
  }

  return {
    remember() {
      folder = here()
      // Others' wrappers of it keep the folder in mind, and have to hear of it.
      setFolder = process.chdir
      mask = umask()
      exitCode = process.exitCode
      isSet = false
      env = copyOf(environment)
      facts.remember()
      stacks.remember()
      for (let i = 0; i < watched.length; i++) note(watched[i]!)
    },
    changed() {
      for (let i = 0; i < watched.length; i++) {
        const name = changedProperty(watched[i]!, true)
        if (name !== undefined) return name
      }
      if (performance !== clock) return 'performance'
      if (process.env !== environment) return 'process.env'
      if (here() !== folder) return 'the working folder'
      if (umask() !== mask) return 'the mask of new files (umask)'
      return facts.changed() ?? changedVariable()
    },
    restore() {
      for (let i = 0; i < watched.length; i++) putBack(watched[i]!)
      globalThis.performance = clock
      process.env = environment
      putBackVariables()
      goHome()
      umask(mask)
      facts.restore()
    },
    isSound() {
      for (let i = 0; i < watched.length; i++) if (changedProperty(watched[i]!, false) !== undefined) return false
      return facts.isSound()
    },
    resetProcess() {
      if (process.exitCode !== exitCode) process.exitCode = exitCode
      stacks.reset()
      if (!isSet) return false
      isSet = false
      goHome()
      umask(mask)
      return true
    },
  }
}

/** The language's own constructors and namespaces, with their prototypes. */
function builtIns(): Watched[] {
  const found: Watched[] = []
  const add = (name: string, object: unknown, only?: readonly PropertyKey[]) => {
    if ((typeof object !== 'object' && typeof object !== 'function') || object === null) return
    for (let i = 0; i < found.length; i++) if (found[i]!.object === object) return
    found[found.length] = { name, object, only, keys: [], descriptors: [] }
  }
  const names = Object.getOwnPropertyNames(globalThis).filter((name) => !UNWATCHED.includes(name))
  add('globalThis', globalThis, names)
  for (const name of names) {
    // Undefined behind an accessor, which makes it when it is first asked for.
    const { value } = getOwnPropertyDescriptor(globalThis, name)!
    add(name, value)
    const prototype = typeof value === 'function' && getOwnPropertyDescriptor(value, 'prototype')?.value
    if (prototype) add(`${name}.prototype`, prototype)
  }
  for (const iterator of [
    (function* () {})(),
    (async function* () {})(),
    [].values(),
    new Map().keys(),
    new Set().keys(),
    ''[Symbol.iterator](),
  ]) {
    for (let proto = getPrototypeOf(iterator); proto && proto !== Object.prototype; proto = getPrototypeOf(proto)) {
      add(`an iterator's prototype`, proto)
    }
  }
  add('TypedArray', getPrototypeOf(Uint8Array))
  add('TypedArray.prototype', getPrototypeOf(Uint8Array.prototype))
  add('Buffer', Buffer)
  add('performance', performance)
  add('Performance.prototype', getPrototypeOf(performance))
  add('process.hrtime', process.hrtime)
  add('process', process, PROCESS_FUNCTIONS)
  return found
}

function note(watched: Watched): void {
  const { object, only } = watched
  const keys: PropertyKey[] = []
  const descriptors: PropertyDescriptor[] = []
  const all = only ?? ownKeys(object)
  for (let i = 0; i < all.length; i++) {
    const descriptor = getOwnPropertyDescriptor(object, all[i]!)
    if (!descriptor || (object === Error && includes(FREE, all[i]!))) continue
    keys[keys.length] = all[i]!
    descriptors[descriptors.length] = descriptor
  }
  watched.keys = keys
  watched.descriptors = descriptors
}

function putBack({ object, only, keys, descriptors }: Watched): void {
  for (let i = 0; i < keys.length; i++) {
    const then = descriptors[i]!
    const now = getOwnPropertyDescriptor(object, keys[i]!)
    if (!isSame(now, then, true) && !isMade(object, now, then)) defineProperty(object, keys[i]!, then)
  }
  if (only) return
  const now = ownKeys(object)
  for (let i = 0; i < now.length; i++) {
    const key = now[i]!
    if (!includes(keys, key) && !(object === Error && includes(FREE, key))) deleteProperty(object, key)
  }
}

function isSame(now: PropertyDescriptor | undefined, then: PropertyDescriptor, flags: boolean): boolean {
  if (now === undefined || !is(now.value, then.value) || now.get !== then.get || now.set !== then.set) return false
  const { enumerable, configurable, writable } = then
  return !flags || (now.enumerable === enumerable && now.configurable === configurable && now.writable === writable)
}

/** Whether a property is what its accessor made of it, as those of the global object do when they are first asked for. */
function isMade(object: object, now: PropertyDescriptor | undefined, { get }: PropertyDescriptor): boolean {
  return get !== undefined && now !== undefined && now.value !== undefined && is(now.value, apply(get, object, []))
}

/** The working folder; empty if it was removed. */
function here(): string {
  try {
    return cwd()
  } catch {
    return ''
  }
}

function copyOf(variables: NodeJS.ProcessEnv): Record<string, string | undefined> {
  const copy: Record<string, string | undefined> = Object.create(null)
  const names = ownKeys(variables) as string[]
  for (let i = 0; i < names.length; i++) copy[names[i]!] = variables[names[i]!]
  return copy
}

function includes(list: readonly unknown[], item: unknown): boolean {
  for (let i = 0; i < list.length; i++) if (list[i] === item) return true
  return false
}

function pathOf(object: string, key: PropertyKey): string {
  if (typeof key === 'symbol') return `a symbol of ${object}`
  return object === 'globalThis' ? (key as string) : `${object}.${key as string}`
}
