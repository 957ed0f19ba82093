import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { StepActionEventType, wrapTaskEvents } from '../internals.js'

/** The tries of tasks that began here, by their `tryKey`: the last ten thousand. */
export type StartedTasks = Pick<ReadonlySet<string>, 'has'>

const RETRY_MS = 1_000
const REMEMBERED = 10_000
const STARTED = StepActionEventType.STEP_EVENT_TYPE_STARTED
const ENDINGS = [StepActionEventType.STEP_EVENT_TYPE_COMPLETED, StepActionEventType.STEP_EVENT_TYPE_FAILED]

/** As the SDK, too, has it for what is in hand. */
export function tryKey({ id, retryCount }: { readonly id: string; readonly retryCount: number }): string {
  return `${id}/${retryCount}`
}

/**
 * Has the SDK tell the engine how a task ended until the engine hears it. By itself it gives up after 13 s, and the engine goes on counting
 * the task in the worker's hands. Remembers the tasks that came, for each is reported as begun.
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
