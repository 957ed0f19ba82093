import { syncBuiltinESMExports } from 'node:module'
import { watchProcessFacts } from './process-facts.js'
import { watchStackFormat } from './stack-format.js'

/**
 * Watches the state that all specs of a process share and that no spec may change: the working
 * folder, the mask of new files, the environment, the user and arguments of the process, and the
 * language's built-in objects. A row that was made after such a change may differ from the row that
 * its spec alone would produce.
 *
 * This file saves everything that it uses when it is loaded, before the user's module, because it
 * must work after a spec has changed anything else. So it has no loop over an iterator and calls no
 * method of a built-in object.
 */
export interface SharedState {
  /** Records the current state as the valid one. */
  remember(): void
  /** Returns the name of something that has changed, or `undefined`. Takes about 0.3 ms. */
  changed(): string | undefined
  /** Restores the state as far as possible, so that Scythe's own code works again. */
  restore(): void
  /**
   * Returns whether Scythe's own code works again. If so, the only changes that could not be
   * restored are frozen objects or the priority of the process.
   */
  isSound(): boolean
  /**
   * Restores the working folder, the mask, the exit code and the format of stacks. Returns whether
   * the program, and not Scythe, set one of the first two since the last call. Costs nothing if
   * nothing was set.
   */
  resetProcess(): boolean
}

interface Watched {
  readonly name: string
  readonly object: object
  /** The properties to check. `undefined`: all properties, and none may be added. */
  readonly only: readonly PropertyKey[] | undefined
  keys: readonly PropertyKey[]
  descriptors: readonly PropertyDescriptor[]
}

const { apply, getOwnPropertyDescriptor, defineProperty, deleteProperty, ownKeys, getPrototypeOf } = Reflect
const { is } = Object
const { chdir, cwd, umask } = process
/** An exotic object: reading a property asks the operating system. */
const environment = process.env
/** Its global property has accessors that keep an assigned value. */
const clock = performance

/** Properties of `Error` that are restored one by one. */
const FREE: readonly PropertyKey[] = ['stackTraceLimit', 'prepareStackTrace']
/** Global names that belong to the program, or lead back to the global object. */
const UNWATCHED = ['process', 'global', 'globalThis', 'console']
const PROCESS_FUNCTIONS = ['nextTick', 'hrtime', 'exit', 'kill', 'abort', 'cwd', 'chdir', 'umask']

/** @param onSet called when the program sets the working folder or the mask */
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
      // The folder was removed. The next check finds it changed.
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
      // Wrappers that libraries put around it cache the folder, and must be notified.
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

/** Returns the language's own constructors and namespaces, with their prototypes. */
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
    // Undefined if an accessor creates the value on first access.
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

/**
 * Returns whether a property has the value that its accessor created, as some global properties do
 * on first access.
 */
function isMade(object: object, now: PropertyDescriptor | undefined, { get }: PropertyDescriptor): boolean {
  return get !== undefined && now !== undefined && now.value !== undefined && is(now.value, apply(get, object, []))
}

/** Returns the working folder; an empty string if it was removed. */
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
