import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { StepActionEventType } from '@hatchet-dev/typescript-sdk/protoc/dispatcher/dispatcher.js'

const RETRY_MS = 1_000
const ENDINGS = [StepActionEventType.STEP_EVENT_TYPE_COMPLETED, StepActionEventType.STEP_EVENT_TYPE_FAILED]

/**
 * Has the SDK tell the engine how a task ended until the engine hears it. By itself it gives up after 13 s, and the engine goes on counting
 * the task in the worker's hands.
 */
export function reportUntilHeard({ dispatcher }: HatchetClient): void {
  const send = dispatcher.sendStepActionEvent.bind(dispatcher)
  dispatcher.sendStepActionEvent = async (event) => {
    for (;;) {
      try {
        return await send(event)
      } catch (error) {
        if (!ENDINGS.includes(event.eventType) || !/UNAVAILABLE/.test(String(error))) throw error
        await sleep(RETRY_MS, undefined, { ref: false })
      }
    }
  }
}
