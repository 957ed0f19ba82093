import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import type { AnyContext } from './running.js'

/** Does the work of a Python fan beside what the worker's slots are for. */
export type FanSlots = <T>(ctx: AnyContext, work: () => Promise<T>) => Promise<T>

/**
 * Keeps fans that wait from taking all of the slots that their children need. As we register it, a Python fan takes none of them; but as
 * Python Scythe does, each takes one, and the last definition holds. Of those, the one that would take the worker's last slot releases
 * it. Not each of them does, because an engine forgets which worker has a task that released its slot, and gives it to no other
 * when the worker dies: it waits until the task's time is over.
 */
export function createFanSlots(client: HatchetClient, slots: number): FanSlots {
  let held = 0
  return async (ctx, work) => {
    if (!(await takesLeafSlot(client, ctx))) return work()
    if (slots > 0 && held + 1 >= slots) {
      await ctx.releaseSlot()
      return work()
    }
    held += 1
    try {
      return await work()
    } finally {
      held -= 1
    }
  }
}

/** Whether the definition that this task was started under asks for a slot of the kind that leaves take. */
async function takesLeafSlot(client: HatchetClient, ctx: AnyContext): Promise<boolean> {
  const { workflowId, workflowVersionId } = ctx.action
  if (!workflowId || !workflowVersionId) return true
  const { data } = await client.api.workflowVersionGet(workflowId, { version: workflowVersionId })
  const { tasks } = (data.workflowConfig ?? {}) as { tasks?: { slotRequests?: Record<string, number> }[] }
  return !tasks?.[0]?.slotRequests?.durable
}
