import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serializeError } from '../../src/execute/serialize-error.js'

test('any thrown value becomes a name and a message, and never another error', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }), (thrown) => {
      const { name, message } = serializeError(thrown, 'FALLBACK')
      expect(typeof name).toBe('string')
      expect(typeof message).toBe('string')
    }),
  )
})

test('an error is named after its class', () => {
  class FurnaceError extends Error {}
  expect(serializeError(new FurnaceError('cold'), 'FALLBACK')).toMatchObject({ name: 'FurnaceError', message: 'cold' })
  expect(serializeError(new Error('plain'), 'FALLBACK').name).toBe('Error')
})

const trap = () => {
  throw new Error('not for you')
}
const traps: ProxyHandler<object> = Object.fromEntries(Object.getOwnPropertyNames(Reflect).map((name) => [name, trap]))
const revoked = Proxy.revocable({}, {})
revoked.revoke()

test.each<[string, unknown]>([
  ['a message that throws', Object.defineProperty(new Error('x'), 'message', { get: trap })],
  ['a message that is not a string', Object.assign(new Error('x'), { message: { toString: trap } })],
  ['a stack that throws', Object.defineProperty(new Error('x'), 'stack', { get: trap })],
  ['a cause that throws', Object.defineProperty(new Error('x'), 'cause', { get: trap })],
  ['a constructor that throws', Object.defineProperty(new Error('x'), 'constructor', { get: trap })],
  ['a name that is a symbol', Object.assign(new Error('x'), { name: Symbol('odd') })],
  ['a proxy with all traps', new Proxy({}, traps)],
  ['a proxy of a function with all traps', new Proxy(() => {}, traps)],
  ['an error behind a proxy with all traps', new Proxy(new Error('x'), traps)],
  ['a proxy that was revoked', revoked.proxy],
  ['an inspection that throws', { [Symbol.for('nodejs.util.inspect.custom')]: trap }],
  ['a cause that is a proxy with all traps', new Error('x', { cause: new Proxy({}, traps) })],
])('the readable part of %s is serialized, and nothing is thrown', (_what, thrown) => {
  const { name, message, stack } = serializeError(thrown, 'FALLBACK')
  expect([typeof name, typeof message]).toEqual(['string', 'string'])
  expect(name && message).not.toBe('')
  expect(stack === null || typeof stack === 'string').toBe(true)
})

test('errors of another realm are recognized as errors', () => {
  expect(serializeError(runInNewContext('new RangeError("far away")'), 'FALLBACK')).toMatchObject({
    name: 'RangeError',
    message: 'far away',
  })
})

test('a message too long for a row is cut, with its length', () => {
  const { message } = serializeError(new Error('x'.repeat(1_000_000)), 'FALLBACK')
  expect(message.length).toBeLessThan(5_000)
  expect(message).toMatch(/x… \(1000000 characters\)$/)
})

test('causes are appended to the stack in order, even if they are circular', () => {
  const first = new Error('first')
  const second = new Error('second', { cause: first })
  first.cause = second
  expect(serializeError(second, 'FALLBACK').stack).toMatch(
    /Error: second[\s\S]*Caused by: Error: first[\s\S]*Caused by: Error: second/,
  )
})
