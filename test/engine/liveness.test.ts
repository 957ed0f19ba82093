import { describe, expect, it } from 'vitest'
import { createLiveness, type Observation, type WorkerLiveness } from '../../src/engine/hatchet/worker/liveness.js'

const ACTIVE: Observation = { status: 'ACTIVE', surplus: 0 }
const INACTIVE: Observation = { status: 'INACTIVE', surplus: 0 }
const AWAY: Observation = { away: 'ECONNREFUSED', surplus: 0 }
const SURPLUS: Observation = { status: 'ACTIVE', surplus: 2 }

/** Looks every three seconds, sees the same for so many seconds each time, and gives the second at which the worker is lost. */
function lostAfter(...seen: [Observation, number][]): number | undefined {
  return lostAt(createLiveness(true), seen)
}

function lostAt(standing: WorkerLiveness, seen: [Observation, number][]): number | undefined {
  let now = 0
  for (const [what, seconds] of seen) {
    for (const end = now + seconds * 1000; now < end; now += 3000) {
      standing.observe(what, now)
      if (standing.lost(now)) return now / 1000
    }
  }
  return undefined
}

function seenAtOnce(what: Observation): WorkerLiveness {
  const standing = createLiveness(true)
  standing.observe(what, 0)
  return standing
}

describe('the liveness of a worker', () => {
  it('is good before any observation, and while the engine counts the worker as active', () => {
    expect(createLiveness(true).problems(0)).toEqual([])
    expect(seenAtOnce(ACTIVE).problems(6000)).toEqual([])
  })

  it('is bad at once if the engine is away or reports any other state of the worker', () => {
    expect(seenAtOnce(AWAY).problems(0)).toEqual(['the engine does not answer: ECONNREFUSED'])
    expect(seenAtOnce(INACTIVE).problems(0)).toEqual(['the engine counts this worker as inactive'])
    expect(seenAtOnce({ status: 'UNKNOWN', surplus: 0 }).problems(0)).toEqual([
      'the engine counts this worker as unknown',
    ])
  })

  it('is bad if a task has been in delivery for too long', () => {
    const standing = seenAtOnce(SURPLUS)
    expect(standing.problems(9000)).toEqual([])
    expect(standing.problems(10_000)).toEqual(["the engine counts 2 more tasks in this worker's hands than it has"])
    standing.observe(ACTIVE, 10_000)
    expect(standing.problems(60_000)).toEqual([])
  })

  it('reports tasks as lost if they have been in delivery for too long while the engine sends other tasks', () => {
    const standing = seenAtOnce(SURPLUS)
    expect(standing.missesWork(9000)).toBe(false)
    expect(standing.missesWork(10_000)).toBe(true)
    standing.observe({ ...INACTIVE, surplus: 2 }, 11_000)
    expect(standing.missesWork(11_000)).toBe(false)
    standing.observe(SURPLUS, 12_000)
    expect(standing.missesWork(12_000)).toBe(true)
  })

  it('is lost if the engine has given the worker up for 90 seconds', () => {
    expect(lostAfter([ACTIVE, 30], [INACTIVE, 300])).toBe(120)
    expect(lostAfter([{ status: 'UNKNOWN', surplus: 0 }, 300])).toBe(90)
  })

  it('is not lost if the worker was active again in between', () => {
    expect(lostAfter([INACTIVE, 87], [ACTIVE, 3], [INACTIVE, 87], [ACTIVE, 30])).toBeUndefined()
  })

  it('is lost 90 seconds after assigned tasks are first seen not to arrive', () => {
    expect(lostAfter([SURPLUS, 300])).toBe(102)
  })

  it('is never lost while the engine is away or the worker is paused', () => {
    expect(lostAfter([AWAY, 7200])).toBeUndefined()
    expect(lostAfter([{ status: 'PAUSED', surplus: 0 }, 7200])).toBeUndefined()
  })

  it('is lost if the engine is away and does not come back', () => {
    expect(lostAt(createLiveness(false), [[AWAY, 300]])).toBe(90)
    expect(
      lostAt(createLiveness(false), [
        [AWAY, 87],
        [ACTIVE, 300],
      ]),
    ).toBeUndefined()
  })

  it('allows as much extra time after an outage as gRPC may wait', () => {
    expect(lostAfter([AWAY, 90], [INACTIVE, 600])).toBe(90 + 90 + 90)
    expect(lostAfter([AWAY, 3600], [INACTIVE, 600])).toBe(3600 + 90 + 144)
  })
})
