import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { type SharedState, watchSharedState } from '../../src/execute/child/shared-state.js'

let set = 0
const shared: SharedState = watchSharedState(() => {
  set += 1
})
const before = process.cwd()

beforeEach(() => {
  shared.remember()
  set = 0
})
afterEach(() => shared.restore())
afterAll(() => process.chdir(before))

const own = Object.prototype as unknown as Record<string, unknown>

test('untouched state is unchanged, and changes of the program to its own objects are ignored', () => {
  expect(shared.changed()).toBeUndefined()
  new Blob(['made when it is first asked for'])
  Reflect.set(globalThis, 'leaked', 1)
  Error.stackTraceLimit += 1
  expect(shared.changed()).toBeUndefined()
  Reflect.deleteProperty(globalThis, 'leaked')
})

test.each<[string, () => void]>([
  ['Math.sin', () => (Math.sin = () => 0)],
  ['JSON.stringify', () => (JSON.stringify = () => '')],
  ['Object.prototype.extra', () => (own.extra = 1)],
  ['Array.prototype.push', () => Reflect.deleteProperty(Array.prototype, 'push')],
  ['a symbol of Array.prototype', () => Reflect.set(Array.prototype, Symbol.iterator, undefined)],
  ['Promise.prototype.then', () => Reflect.set(Promise.prototype, 'then', () => {})],
  ['Date', () => (globalThis.Date = class extends Date {} as DateConstructor)],
  ['setTimeout', () => (globalThis.setTimeout = (() => 0) as unknown as typeof setTimeout)],
  ['Buffer.from', () => (Buffer.from = (() => Buffer.alloc(0)) as typeof Buffer.from)],
  ['process.nextTick', () => (process.nextTick = () => {})],
  ['performance', () => (globalThis.performance = {} as typeof performance)],
  ['performance', () => void Object.defineProperty(globalThis, 'performance', { value: {}, configurable: true })],
  ['Blob', () => (globalThis.Blob = class {} as unknown as typeof Blob)],
  ['crypto', () => void Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true })],
  ['process.argv', () => process.argv.push('more')],
  ['process.argv', () => (process.argv = [])],
  ['process.execArgv', () => process.execArgv.unshift('--no-warnings')],
  ['process.execPath', () => (process.execPath = '/no/such/node')],
])('a change of %s is named, and undone', (name, change) => {
  change()
  const found = shared.changed()
  shared.restore()
  expect(found).toBe(name)
  expect(shared.changed()).toBeUndefined()
})

test.each<[string, () => void]>([
  ['added', () => (process.env.SCYTHE_TEST_ADDED = '1')],
  ['changed', () => (process.env.PATH = '/nowhere')],
  ['removed', () => delete process.env.PATH],
])('a variable of the environment that was %s is named', (_how, change) => {
  const path = process.env.PATH
  change()
  expect(shared.changed()).toMatch(/^process\.env\.(SCYTHE_TEST_ADDED|PATH)$/)
  process.env.PATH = path
  delete process.env.SCYTHE_TEST_ADDED
  expect(shared.changed()).toBeUndefined()
})

test('a change that cannot be undone is named again after the attempt', () => {
  Object.defineProperty(Object.prototype, 'forEver', { value: 1, configurable: true })
  expect(shared.changed()).toBe('Object.prototype.forEver')
  Reflect.deleteProperty(Object.prototype, 'forEver')
})

test('the working folder and the umask are reported when they are set, and restored on request', () => {
  const mask = process.umask()
  expect(set).toBe(0)
  process.chdir('/')
  process.umask(0o077)
  expect(set).toBe(2)
  expect(shared.changed()).toBe('the working folder')
  expect(shared.resetProcess()).toBe(true)
  expect([process.cwd(), process.umask()]).toEqual([before, mask])
  expect(shared.resetProcess()).toBe(false)
  expect(shared.changed()).toBeUndefined()
})

test('a format of stacks that throws is removed, a format that works stays, and the stack trace limit is restored', () => {
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = 0
    Error.prepareStackTrace = () => {
      throw new Error('no stack')
    }
    shared.resetProcess()
    expect(Error.prepareStackTrace).toBe(prepareStackTrace)
    expect(Error.stackTraceLimit).toBe(stackTraceLimit)
    const own = () => 'a stack'
    Error.prepareStackTrace = own
    shared.resetProcess()
    expect(Error.prepareStackTrace).toBe(own)
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit })
  }
})
