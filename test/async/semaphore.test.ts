import { expect, test } from 'vitest'
import { createSemaphore } from '../../src/async/concurrency.js'

test('those who wait enter in the order in which they came, but for who left', async () => {
  const never = new AbortController().signal
  const leaving = new AbortController()
  const slots = createSemaphore(1)
  const entered: string[] = []
  const enter = (name: string, signal = never) => slots.acquire(signal).then(() => entered.push(name))
  await enter('first')
  const second = enter('second')
  const third = enter('third', leaving.signal)
  const fourth = enter('fourth')
  leaving.abort(new Error('no time'))
  await expect(third).rejects.toThrow('no time')
  expect(entered).toEqual(['first'])
  slots.release()
  await second
  slots.release()
  await fourth
  expect(entered).toEqual(['first', 'second', 'fourth'])
  slots.release()
  await enter('fifth')
})
