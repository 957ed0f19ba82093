import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startWatchdog } from '../../src/execute/child/watchdog.js'
import { createStatusFile, monotonicNow, openStatusFile, Phase, WATCHED } from '../../src/execute/status-file.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scythe-test-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('the status file of a process is read as it was written', () => {
  const path = join(folder, 'status')
  const reader = createStatusFile(path)
  const writer = openStatusFile(path)
  const before = monotonicNow()
  expect(reader.read()).toMatchObject({ sortIndex: -1, errors: 0, memoryUsed: 0 })
  const startedAt = writer.trying(2 ** 40, 3)
  expect(startedAt).toBeGreaterThanOrEqual(before)
  expect(reader.read()).toEqual({
    ...{ sortIndex: 2 ** 40, attempt: 3, startedAt, errors: 0, begun: 1, wakesAt: 0, phase: Phase.SYNC },
    ...{ memoryUsed: 0, memoryLimit: 0 },
  })
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

describe('updates of quick successive attempts', () => {
  const open = () => {
    const path = join(folder, 'status')
    const reader = createStatusFile(path)
    const writer = openStatusFile(path)
    writer.beExact(false)
    /** Attempts begin until one is not written, which a slow moment may put off. */
    const hurry = () => {
      for (let sortIndex = 0; ; sortIndex++) {
        writer.trying(sortIndex, 1)
        if (reader.read().sortIndex !== sortIndex) return sortIndex
      }
    }
    return { reader, writer, hurry }
  }

  test('are not written if nothing else requires a write', () => {
    const { reader, writer } = open()
    for (let sortIndex = 0; sortIndex < 1000; sortIndex++) {
      writer.trying(sortIndex, 1)
      expect(reader.read().sortIndex).toBe(sortIndex)
    }
  })

  test('are written by the watchdog, by any other update, and on request', async () => {
    const { reader, writer, hurry } = open()
    startWatchdog({ parentPid: process.ppid, status: writer.shared, poolFolder: folder })
    const watched = new Int32Array(writer.shared.memory)
    while (watched[WATCHED] !== 1) await nextTurn()
    const seen = hurry()
    // Nothing here runs meanwhile: the watchdog is a thread of its own.
    const until = performance.now() + 10_000
    while (reader.read().sortIndex !== seen && performance.now() < until);
    expect(reader.read()).toMatchObject({ sortIndex: seen, phase: Phase.SYNC })
    const paused = hurry()
    writer.pausing()
    expect(reader.read()).toMatchObject({ sortIndex: paused, startedAt: 0 })
    const asked = hurry()
    writer.flush()
    expect(reader.read().sortIndex).toBe(asked)
    writer.beExact(true)
    writer.trying(7, 1)
    expect(reader.read().sortIndex).toBe(7)
  })
})
