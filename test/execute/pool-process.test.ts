import { expect, test } from 'vitest'
import { becomePoolProcess, inPoolProcess, parkPoolProcess } from '../../src/execute/child/pool-process.js'

test('a script that parks in a pool process is known to have parked, and runs no further', async () => {
  expect(inPoolProcess()).toBe(false)
  const parked = becomePoolProcess()
  expect(inPoolProcess()).toBe(true)
  const further = parkPoolProcess().then(() => 'further')
  await parked
  expect(await Promise.race([further, new Promise((resolve) => setImmediate(resolve, 'parked'))])).toBe('parked')
})
