import fs from 'node:fs'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { type Deed, type Deeds, either, FAILED, INVALID } from '../deed.js'

type Loose = Record<PropertyKey, unknown>

const fail = (): never => {
  throw new Error('replaced')
}

/** Replaces a property of something that everyone shares. */
const replace = (owner: object, name: PropertyKey, value: unknown = fail): Deed =>
  either(() => {
    Object.defineProperty(owner, name, { value, configurable: true, writable: true, enumerable: false })
  })

const removeGlobal = (name: string): Deed => either(() => void delete (globalThis as Loose)[name])

export const sharedDeeds: Deeds = {
  'put a property on Object.prototype': either(() => {
    ;(Object.prototype as unknown as Loose).polluted = 'yes'
  }),
  'put a getter that throws on Object.prototype': either(() => {
    Object.defineProperty(Object.prototype, 'trap', { get: fail, enumerable: true, configurable: true })
  }),
  'put toJSON on Object.prototype': either(() => {
    ;(Object.prototype as unknown as Loose).toJSON = () => 'replaced'
  }),
  'put type on Object.prototype': either(() => {
    ;(Object.prototype as unknown as Loose).type = 'done'
  }),
  'put then on Object.prototype': either(() => {
    // biome-ignore lint/suspicious/noThenProperty: hostile
    ;(Object.prototype as unknown as Loose).then = (resolve: (value: unknown) => void) => resolve('replaced')
  }),
  'put value and get on Object.prototype': either(() => {
    Object.assign(Object.prototype, { value: 1, writable: false })
  }),
  'put a property on Array.prototype': either(() => {
    ;(Array.prototype as unknown as Loose).polluted = 'yes'
  }),
  'put an index on Array.prototype': either(() => {
    Object.defineProperty(Array.prototype, '0', { set: fail, get: () => 'replaced', configurable: true })
  }),
  'freeze Object.prototype': either(() => void Object.freeze(Object.prototype)),
  'freeze Array.prototype': either(() => void Object.freeze(Array.prototype)),
  'freeze globalThis.process': either(() => void Object.freeze(process)),
  'replace JSON.stringify': replace(JSON, 'stringify', () => '"replaced"'),
  'replace JSON.parse': replace(JSON, 'parse'),
  'replace Math.sin': replace(Math, 'sin', () => 0.5),
  'replace Math.max': replace(Math, 'max', () => Number.NaN),
  'replace Promise.prototype.then': replace(Promise.prototype, 'then', () => new Promise(() => {})),
  'replace Promise.prototype.then with one that throws': replace(Promise.prototype, 'then'),
  'replace Promise.prototype.finally': replace(Promise.prototype, 'finally'),
  'replace Promise.race': replace(Promise, 'race', () => new Promise(() => {})),
  'replace Promise': replace(
    globalThis,
    'Promise',
    class Fake {
      // biome-ignore lint/suspicious/noThenProperty: hostile
      then() {}
    },
  ),
  'replace Map.prototype.get': replace(Map.prototype, 'get', () => undefined),
  'replace Map.prototype.set': replace(Map.prototype, 'set'),
  'replace Set.prototype.has': replace(Set.prototype, 'has', () => true),
  'replace Array.prototype.push': replace(Array.prototype, 'push', () => 0),
  'replace Array.prototype.map': replace(Array.prototype, 'map', () => ['replaced']),
  'replace the iterator of arrays': replace(Array.prototype, Symbol.iterator, function* () {}),
  'replace next of the iterator of arrays': replace(Object.getPrototypeOf([][Symbol.iterator]()), 'next', () => ({
    done: true,
  })),
  'replace Array.isArray': replace(Array, 'isArray', () => false),
  'replace Array.from': replace(Array, 'from', () => []),
  'replace Object.entries': replace(Object, 'entries', () => []),
  'replace Object.keys': replace(Object, 'keys', () => []),
  'replace Object.defineProperty': either(() => {
    Object.defineProperty = (object) => object
  }),
  'replace Buffer.from': replace(Buffer, 'from'),
  'replace Buffer.allocUnsafe': replace(Buffer, 'allocUnsafe'),
  'replace Buffer.concat': replace(Buffer, 'concat', () => new Uint8Array()),
  'replace Uint8Array.prototype.set': replace(Uint8Array.prototype, 'set', () => {}),
  'replace DataView.prototype.setFloat64': replace(DataView.prototype, 'setFloat64', () => {}),
  'replace TextEncoder': replace(globalThis, 'TextEncoder'),
  'replace Function.prototype.call': replace(Function.prototype, 'call'),
  'replace Function.prototype.apply': replace(Function.prototype, 'apply'),
  'replace Function.prototype.bind': replace(Function.prototype, 'bind'),
  'replace String.prototype.isWellFormed': replace(String.prototype, 'isWellFormed', () => true),
  'replace String.prototype.slice': replace(String.prototype, 'slice', () => 'replaced'),
  'replace RegExp.prototype.exec': replace(RegExp.prototype, 'exec', () => null),
  'replace RegExp.prototype.test': replace(RegExp.prototype, 'test', () => false),
  'replace Number.isInteger': replace(Number, 'isInteger', () => false),
  'replace Date': replace(globalThis, 'Date'),
  'replace structuredClone': replace(globalThis, 'structuredClone'),
  'replace AbortController': replace(globalThis, 'AbortController'),
  'replace Error': replace(globalThis, 'Error', class Fake {}),
  'let Error.prepareStackTrace throw': either(() => {
    Error.prepareStackTrace = fail
  }),
  'throw with Error.prepareStackTrace that throws': {
    right: 'error',
    codes: FAILED,
    do() {
      Error.prepareStackTrace = fail
      throw new Error('no stack')
    },
  },
  'set Error.stackTraceLimit to 0': either(() => {
    Error.stackTraceLimit = 0
  }),
  'replace functions of fs': either(() => {
    const all = createRequire(import.meta.url)('node:fs') as Loose
    for (const name of [
      'writeSync',
      'openSync',
      'readSync',
      'mkdirSync',
      'rmSync',
      'statSync',
      'linkSync',
      'copyFileSync',
    ])
      all[name] = fail
    syncBuiltinESMExports()
  }),
  'let fs.writeSync write nothing': either(() => {
    fs.writeSync = () => 0
    syncBuiltinESMExports()
  }),
  'replace events': either(() => {
    const { EventEmitter } = createRequire(import.meta.url)('node:events') as { EventEmitter: { prototype: Loose } }
    EventEmitter.prototype.emit = () => false
  }),
  'remove globalThis.process': removeGlobal('process'),
  'remove globalThis.Buffer': removeGlobal('Buffer'),
  'remove globalThis.setTimeout': removeGlobal('setTimeout'),
  'remove all globals': either(() => {
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      try {
        delete (globalThis as Loose)[name]
      } catch {
        // It cannot be.
      }
    }
  }),
  'replace globalThis.crypto': replace(globalThis, 'crypto', {}),
  'replace setImmediate': replace(globalThis, 'setImmediate', () => {}),
  'change the schema of its experiment': either(() => {
    const key = Object.getOwnPropertySymbols(globalThis).find((symbol) => String(symbol).includes('scythe'))
    if (key) delete (globalThis as Loose)[key]
  }),
  'change its input': { right: 'result', codes: INVALID, do: (healthy) => healthy() },
  'make the iterator of Map throw': replace(Map.prototype, Symbol.iterator),
  'make weak maps forget': replace(WeakMap.prototype, 'get', () => undefined),
  'replace Reflect.apply': replace(Reflect, 'apply'),
  'replace queueMicrotask': replace(globalThis, 'queueMicrotask', () => {}),
}
