import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { describe, expect, it } from 'vitest'
import { retryTaskEvents } from '../../src/engine/hatchet/worker/event-delivery.js'

const [STARTED, COMPLETED] = [1, 2]

/** A dispatcher that is away for the first two reports. */
function away(reason: string) {
  const sent: number[] = []
  const dispatcher = {
    async sendStepActionEvent({ eventType }: { eventType: number }) {
      if (sent.push(eventType) <= 2) throw new Error(`/Dispatcher/SendStepActionEvent ${reason}`)
      return { tenantId: 't', workerId: 'w' }
    },
  }
  retryTaskEvents({ dispatcher } as unknown as HatchetClient)
  return { sent, report: (eventType: number) => dispatcher.sendStepActionEvent({ eventType }) }
}

it('a worker remembers the started events of the last ten thousand tasks', async () => {
  const dispatcher = { sendStepActionEvent: async () => ({}) }
  const begun = retryTaskEvents({ dispatcher } as unknown as HatchetClient)
  const report = dispatcher.sendStepActionEvent as (event: object) => Promise<unknown>
  await report({ eventType: COMPLETED, taskRunExternalId: 'ended', retryCount: 0 })
  for (let n = 0; n <= 10_000; n++) await report({ eventType: STARTED, taskRunExternalId: `task-${n}`, retryCount: 1 })
  expect(['ended/0', 'task-0/1', 'task-1/0', 'task-1/1', 'task-10000/1'].map((key) => begun.has(key))).toEqual([
    false,
    false,
    false,
    true,
    true,
  ])
})

describe('the completion event of a task', () => {
  it('is retried until an engine that was away acknowledges it', async () => {
    const { sent, report } = away('UNAVAILABLE: No connection established.')
    expect(await report(COMPLETED)).toMatchObject({ workerId: 'w' })
    expect(sent).toEqual([COMPLETED, COMPLETED, COMPLETED])
  })

  it('is sent once to an engine that rejects it', async () => {
    const { sent, report } = away('INVALID_ARGUMENT: no such task')
    await expect(report(COMPLETED)).rejects.toThrow('no such task')
    expect(sent).toEqual([COMPLETED])
  })

  it('is the only event that is delivered late: a late started event is dropped', async () => {
    const { sent, report } = away('UNAVAILABLE: No connection established.')
    await expect(report(STARTED)).rejects.toThrow('UNAVAILABLE')
    expect(sent).toEqual([STARTED])
  })
})
