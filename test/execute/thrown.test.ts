import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeThrown } from '../../src/execute/thrown.js'

test('whatever is thrown becomes name and message, and never another error', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }), (thrown) => {
      const { name, message } = describeThrown(thrown, 'FALLBACK')
      expect(typeof name).toBe('string')
      expect(typeof message).toBe('string')
    }),
  )
})

test('an error goes by its class', () => {
  class FurnaceError extends Error {}
  expect(describeThrown(new FurnaceError('cold'), 'FALLBACK')).toMatchObject({ name: 'FurnaceError', message: 'cold' })
  expect(describeThrown(new Error('plain'), 'FALLBACK').name).toBe('Error')
})

test('an error that cannot be read is described as that', () => {
  const hostile = Object.defineProperty(new Error('x'), 'message', {
    get() {
      throw new Error('not for you')
    },
  })
  expect(describeThrown(hostile, 'FALLBACK')).toEqual({
    name: 'FALLBACK',
    message: 'What was thrown cannot be read: Error: not for you',
    stack: null,
  })
})

test('errors of another realm are errors', () => {
  expect(describeThrown(runInNewContext('new RangeError("far away")'), 'FALLBACK')).toMatchObject({
    name: 'RangeError',
    message: 'far away',
  })
})

test('a message longer than a row should be is cut, and says how long it was', () => {
  const { message } = describeThrown(new Error('x'.repeat(1_000_000)), 'FALLBACK')
  expect(message.length).toBeLessThan(5_000)
  expect(message).toMatch(/x… \(1000000 characters\)$/)
})

test('causes are in the stack, one under the other, also where they go round', () => {
  const first = new Error('first')
  const second = new Error('second', { cause: first })
  first.cause = second
  expect(describeThrown(second, 'FALLBACK').stack).toMatch(
    /Error: second[\s\S]*Caused by: Error: first[\s\S]*Caused by: Error: second/,
  )
})
