import { describe, expect, it } from 'vitest'
import { tryKey } from '../../src/engine/hatchet/worker/event-delivery.js'
import { type Assignment, createLostAssignments } from '../../src/engine/hatchet/worker/lost-assignments.js'

const TRIES = new Map([['nap:nap', 2]])
const lost: Assignment = { id: 'lost', retryCount: 0, action: 'nap:nap' }
const done: Assignment = { id: 'done', retryCount: 0, action: 'nap:nap' }

function cameAll(...tasks: Assignment[]): (key: string) => boolean {
  const keys = new Set(tasks.map(tryKey))
  return (key) => keys.has(key)
}

describe('a task assigned to a worker', () => {
  it('is lost if two observations miss it', () => {
    const undelivered = createLostAssignments(TRIES)
    expect(undelivered([lost, done], cameAll(done))).toEqual([])
    expect(undelivered([lost, done], cameAll(done))).toEqual([lost])
  })

  it('is not lost if the first observation saw it', () => {
    const undelivered = createLostAssignments(TRIES)
    expect(undelivered([lost], cameAll())).toEqual([])
    expect(undelivered([lost], cameAll(lost))).toEqual([])
    expect(undelivered([lost], cameAll())).toEqual([])
  })

  it('is observed afresh at its next attempt', () => {
    const undelivered = createLostAssignments(TRIES)
    expect(undelivered([lost], cameAll())).toEqual([])
    const next = { ...lost, retryCount: 1 }
    expect(undelivered([next], cameAll(lost))).toEqual([])
    expect(undelivered([next], cameAll(lost))).toEqual([next])
  })

  it('is not reported if the engine would not retry it', () => {
    const undelivered = createLostAssignments(TRIES)
    const tasks = [
      { ...lost, retryCount: 2 },
      { ...lost, action: 'others:others' },
    ]
    expect(undelivered(tasks, cameAll())).toEqual([])
    expect(undelivered(tasks, cameAll())).toEqual([])
  })
})
