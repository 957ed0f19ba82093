import { expect, test } from 'vitest'
import { becomePoolProcess, inPoolProcess, parkPoolProcess } from '../../src/execute/child/pool-process.js'

test('a script that parks in a process of a pool is known to have parked, and goes no further', async () => {
  expect(inPoolProcess()).toBe(false)
  const parked = becomePoolProcess()
  expect(inPoolProcess()).toBe(true)
  const further = parkPoolProcess().then(() => 'further')
  await parked
  expect(await Promise.race([further, new Promise((resolve) => setImmediate(resolve, 'parked'))])).toBe('parked')
})
