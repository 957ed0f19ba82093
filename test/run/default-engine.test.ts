import { afterEach, expect, test, vi } from 'vitest'
import { defaultEngine } from '../../src/run/default-engine.js'

afterEach(() => vi.unstubAllEnvs())

test('the default engine is shared by the process until it is closed, and replaced afterwards', async () => {
  vi.stubEnv('SCYTHE_ENGINE', 'local')
  const engine = await defaultEngine()
  expect(await defaultEngine()).toBe(engine)
  await engine.close()
  const next = await defaultEngine()
  expect(next).not.toBe(engine)
  await engine.close()
  expect(await defaultEngine()).toBe(next)
  await next.close()
})
