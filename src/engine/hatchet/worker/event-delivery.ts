import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { StepActionEventType, wrapTaskEvents } from '../internals.js'

/** The last ten thousand task attempts that started here, by their `tryKey`. */
export type StartedTasks = Pick<ReadonlySet<string>, 'has'>

const RETRY_MS = 1_000
const REMEMBERED = 10_000
const STARTED = StepActionEventType.STEP_EVENT_TYPE_STARTED
const ENDINGS = [StepActionEventType.STEP_EVENT_TYPE_COMPLETED, StepActionEventType.STEP_EVENT_TYPE_FAILED]

/** Returns the key of an attempt, in the format of the SDK's keys of tasks in flight. */
export function tryKey({ id, retryCount }: { readonly id: string; readonly retryCount: number }): string {
  return `${id}/${retryCount}`
}

/**
 * Retries completion events until the engine acknowledges them. By itself, the SDK gives up after
 * 13 s, and the engine continues to count the task as in flight on the worker. Returns the attempts
 * that arrived, each of which reports its start.
 */
export function retryTaskEvents(client: HatchetClient): StartedTasks {
  const begun = new Set<string>()
  wrapTaskEvents(client, (send) => async (event) => {
    const { eventType, taskRunExternalId: id = '', retryCount = 0 } = event
    if (eventType === STARTED) remember(begun, tryKey({ id, retryCount }))
    for (;;) {
      try {
        return await send(event)
      } catch (error) {
        if (!ENDINGS.includes(eventType) || !/UNAVAILABLE/.test(String(error))) throw error
        await sleep(RETRY_MS, undefined, { ref: false })
      }
    }
  })
  return begun
}

function remember(begun: Set<string>, key: string): void {
  begun.add(key)
  if (begun.size > REMEMBERED) begun.delete(begun.values().next().value!)
}
