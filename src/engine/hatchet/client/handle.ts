import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import type { TaskHandle } from '../../../scatter/task.js'
import { RunCancelledError, TaskFailedError } from '../../errors.js'
import { decodeResult, endOf, endOfReading, failureOf, specFailureOf } from '../wire.js'
import type { Results } from './results.js'
import { isOpen, statusOf } from './status.js'

/** Interval between two checks whether a task has started, in ms. */
const LOOK_MS = 1_000
const LATE_MS = 200
const LATE_LOOKS = 10

/**
 * Resolves with the value that a task of this run returned. Rejects with the error that represents
 * any other end.
 */
type ReadValue = (client: HatchetClient, results: Results, id: string, run: string) => Promise<unknown>

/** Returns a handle on a task by its id. The engine has accepted the task, or is about to. */
export function createHandle(
  client: HatchetClient,
  results: Results,
  id: Promise<string>,
  run: string,
  readValue: ReadValue = nodeValue,
): TaskHandle {
  const done = id.then(
    (id) => endOfReading(id, readValue(client, results, id, run)),
    (error) => endOf('', error),
  )
  return {
    done,
    started: async () => {
      const known = await id
      let ended = false
      void done.then(() => {
        ended = true
      })
      while (!ended && (await statusOf(client, known)) === 'QUEUED') await sleep(LOOK_MS, undefined, { ref: false })
    },
    cancel: async () => {
      await client.runs.cancel({ ids: [await id] })
    },
  }
}

/** Reads the result of a node's task. */
const nodeValue: ReadValue = async (client, results, id, run) => {
  const { error, output } = await results.ended(id)
  if (error) throw failureOf(error)
  const wrapped = decodeResult(output)
  if (wrapped) return wrapped.result
  throw silentEnd(await finalStatus(client, id), run)
}

/**
 * Reads the output of a task that ran one spec. A worker of another program may also return `{}` or
 * null.
 */
export const specValue: ReadValue = async (client, results, id, run) => {
  const { error, output } = await results.ended(id)
  if (error) throw specFailureOf(error)
  if (typeof output === 'object' && Object.keys(output ?? {}).length > 0) return output
  const status = await finalStatus(client, id)
  if (status === 'COMPLETED') return output
  throw silentEnd(status, run)
}

/**
 * Returns the error for the output `{}`, which represents a task that was cancelled or that waited
 * too long.
 */
function silentEnd(status: string | undefined, run: string): Error {
  if (status !== 'FAILED') return new RunCancelledError(run)
  return new TaskFailedError(
    'TASK_EXPIRED',
    'No worker took the task within the time that it may wait (SCYTHE_TIMEOUT_…_SCHEDULE).',
  )
}

/**
 * Resolves with the status of an ended task. Only REST distinguishes the statuses, with a delay of
 * up to half a second.
 */
async function finalStatus(client: HatchetClient, id: string): Promise<string | undefined> {
  for (let look = 0; look < LATE_LOOKS; look++) {
    const status = await client.runs.get_status(id).catch(() => undefined)
    if (!isOpen(status)) return status
    await sleep(LATE_MS, undefined, { ref: false })
  }
  return undefined
}
