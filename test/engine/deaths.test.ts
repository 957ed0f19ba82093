import { V1TaskEventType } from '@hatchet-dev/typescript-sdk/clients/rest/generated/data-contracts.js'
import { describe, expect, it } from 'vitest'
import { deathsIn, endedIn } from '../../src/engine/hatchet/worker/deaths.js'

const at = (seconds: number) => new Date(1_800_000_000_000 + seconds * 1000).toISOString()
const event = (eventType: 'ASSIGNED' | 'REASSIGNED' | 'FAILED', retryCount: number, seconds: number) => ({
  eventType: V1TaskEventType[eventType],
  retryCount,
  timestamp: at(seconds),
  workerId: `worker-${retryCount}`,
})

describe('the workers that a task may have killed', () => {
  it('are those that the engine gave up soon after they got the task, the latest last', () => {
    const events = [
      event('REASSIGNED', 1, 100),
      event('ASSIGNED', 1, 62),
      event('REASSIGNED', 0, 60),
      event('ASSIGNED', 0, 10),
    ]
    expect(deathsIn(events).map(({ worker }) => worker)).toEqual(['worker-0', 'worker-1'])
  })

  it('do not include workers that ran the task for long, requeued it or never got it', () => {
    const events = [
      event('ASSIGNED', 0, 0),
      event('REASSIGNED', 0, 600),
      event('ASSIGNED', 1, 601),
      event('FAILED', 1, 602),
      event('REASSIGNED', 2, 640),
    ]
    expect(deathsIn(events)).toEqual([])
  })

  it('are known once the end of each earlier attempt is known', () => {
    const events = [event('ASSIGNED', 0, 10), event('REASSIGNED', 0, 60), event('ASSIGNED', 1, 62)]
    expect(endedIn(events)).toBe(1)
    expect(endedIn([...events, event('FAILED', 1, 80), event('REASSIGNED', 1, 80)])).toBe(2)
  })
})
