import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import type { SpecOutcome, TaskHandle } from '../../../scatter/task.js'
import { TaskCancelledError } from '../../errors.js'
import { decodeResult, failureOf, TaskFailedError } from '../wire.js'
import type { Results } from './results.js'
import { isOpen, statusOf } from './status.js'

/** Between two looks at whether a task has begun, in ms. */
const LOOK_MS = 1_000
const LATE_MS = 200
const LATE_LOOKS = 10

/** Learns of a task of this run how it ended. */
type Outcome = (client: HatchetClient, results: Results, id: string, run: string) => Promise<unknown>

/** A task that the engine has, or is about to have, by its id. */
export function createHandle(
  client: HatchetClient,
  results: Results,
  id: Promise<string>,
  run: string,
  outcome: Outcome = resultOf,
): TaskHandle {
  const done = id.then((id) => outcome(client, results, id, run))
  // A fan may hear of the receipt first, and then asks no more.
  done.catch(() => {})
  return {
    done,
    started: async () => {
      const known = await id
      let ended = false
      const end = () => {
        ended = true
      }
      done.then(end, end)
      while (!ended && (await statusOf(client, known)) === 'QUEUED') await sleep(LOOK_MS, undefined, { ref: false })
    },
    cancel: async () => {
      await client.runs.cancel({ ids: [await id] })
    },
  }
}

/** What a task of ours gave. */
const resultOf: Outcome = async (client, results, id, run) => {
  const { error, output } = await results.ended(id)
  if (error) throw failureOf(error)
  const wrapped = decodeResult(output)
  if (wrapped) return wrapped.result
  throw unheard(await finalStatus(client, id), run)
}

/** How a spec ended that was a task of its own. Others may end with `{}`, too, or with null. */
export const specOutcomeOf: Outcome = async (client, results, id, run): Promise<SpecOutcome> => {
  const { error, output } = await results.ended(id)
  if (error) return { id, failure: failureOf(error) }
  if (typeof output === 'object' && Object.keys(output ?? {}).length > 0) return { id, output }
  const status = await finalStatus(client, id)
  if (status === 'COMPLETED') return { id, output }
  throw unheard(status, run)
}

/** `{}` stands for a task that was cancelled, and for one that waited too long. */
function unheard(status: string | undefined, run: string): Error {
  if (status !== 'FAILED') return new TaskCancelledError(run)
  return new TaskFailedError(
    'TASK_EXPIRED',
    'No worker took the task within the time that it may wait (SCYTHE_TIMEOUT_…_SCHEDULE).',
  )
}

/** The REST interface alone tells the two apart, and is late by up to half a second. */
async function finalStatus(client: HatchetClient, id: string): Promise<string | undefined> {
  for (let look = 0; look < LATE_LOOKS; look++) {
    const status = await client.runs.get_status(id).catch(() => undefined)
    if (!isOpen(status)) return status
    await sleep(LATE_MS, undefined, { ref: false })
  }
  return undefined
}
