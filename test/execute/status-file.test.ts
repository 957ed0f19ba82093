import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createStatusFile, monotonicNow, openStatusFile } from '../../src/execute/status-file.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('what a process writes of itself is read as it stands', () => {
  const path = join(folder, 'status')
  const reader = createStatusFile(path)
  const writer = openStatusFile(path)
  const before = monotonicNow()
  expect(reader.read()).toMatchObject({ sortIndex: -1, errors: 0, memoryUsed: 0 })
  const startedAt = writer.trying(2 ** 40, 3)
  expect(startedAt).toBeGreaterThanOrEqual(before)
  expect(reader.read()).toEqual({ sortIndex: 2 ** 40, attempt: 3, startedAt, errors: 0, memoryUsed: 0, memoryLimit: 0 })
  writer.failed()
  writer.waiting(7, 2)
  expect(reader.read()).toMatchObject({ sortIndex: 7, attempt: 2, startedAt: 0, errors: 1 })
  writer.trying(8, 1)
  writer.pausing()
  expect(reader.read()).toMatchObject({ sortIndex: 8, attempt: 1, startedAt: 0, errors: 1 })
  writer.idle()
  expect(reader.read()).toMatchObject({ sortIndex: -1, startedAt: 0, errors: 0 })
  reader.close()
})
