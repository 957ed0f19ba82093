import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { mapConcurrently } from '../../../async/concurrency.js'
import { type Deferred, deferred } from '../../../async/promises.js'
import { TaskFailedError } from '../../errors.js'
import { subscribeToRuns } from '../internals.js'
import { stateOf } from './status.js'

/**
 * How a task ended, according to the engine: the text of an error, or the JSON that the task
 * returned.
 */
export interface Ended {
  readonly error: string | undefined
  readonly output: unknown
}

/** Waits for the engine's notifications of how runs end. */
export interface Results {
  /**
   * Resolves with the end of a run. Concurrent calls with one id share one request. Rejects with
   * `TaskFailedError` (`TASK_UNKNOWN`) if the engine does not know the run: it returns a child's id
   * before it has stored the child, and the engine or the connection may fail in between.
   */
  ended(id: string): Promise<Ended>
  /** Closes the stream. Waits first until closing it can no longer cut off recent notifications. */
  close(): Promise<void>
}

/** Interval between two attempts to reconnect to the engine, in ms. */
const RETRY_MS = 1_000
/**
 * Interval in ms at which all pending runs are requested again: an engine that lost its state sends
 * nothing by itself.
 */
const ASK_AGAIN_MS = 20_000
const LOOK_UPS = 8
/**
 * Time in ms for which a stream without pending runs is kept open. The engine looks a run up
 * several times at once when it ends, and notifies after the first lookup. If the stream ended
 * then, it would cut off the other lookups within their transactions, some of which never end
 * (0.91).
 */
const LINGER_MS = 500

interface Open extends Deferred<Ended> {
  /**
   * Whether the run is old enough to look it up: a run that was accepted a moment ago may not be
   * stored yet.
   */
  isOld: boolean
  isKnown: boolean
}

/**
 * Creates one stream for the results of all runs. The listener of the SDK's own `ref.output`
 * restarts forever, which keeps a script from exiting, and takes a minute to notice a restart of
 * the engine.
 */
export function createResults(client: HatchetClient, askAgainMs = ASK_AGAIN_MS): Results {
  const open = new Map<string, Open>()
  const closing = new AbortController()
  let streaming = false
  /** Resolves when the stream has lingered, if it does. */
  let lingered: Promise<void> | undefined
  let send: (id: string) => void = () => {}
  const asking = setInterval(() => {
    for (const id of open.keys()) send(id)
    void lookUp()
  }, askAgainMs)
  asking.unref()

  async function stream(): Promise<void> {
    streaming = true
    while (open.size > 0 && !closing.signal.aborted) {
      const ended = new AbortController()
      try {
        const signal = AbortSignal.any([ended.signal, closing.signal])
        const events = subscribeToRuns(client, requests(ended.signal), signal)
        for await (const { workflowRunId, results } of events) {
          const error = results.find(({ error }) => error)?.error
          settle(workflowRunId, { error, output: parse(results[0]?.output) })
          if (open.size === 0) {
            const mine = sleep(LINGER_MS).then(() => {
              if (open.size === 0 && lingered === mine) ended.abort()
            })
            lingered = mine
          }
        }
      } catch {
        // The engine is unavailable, or the stream was ended here.
      }
      const isBroken = !ended.signal.aborted
      // An engine failure that breaks the stream may also lose runs that the engine had accepted.
      if (isBroken) for (const asked of open.values()) asked.isKnown = false
      ended.abort()
      if (isBroken && open.size > 0 && !closing.signal.aborted) await sleep(RETRY_MS, undefined, { ref: false })
    }
    streaming = false
  }

  /**
   * Rejects the pending runs that the engine does not know, because they would stay pending
   * forever.
   */
  async function lookUp(): Promise<void> {
    const doubtful = [...open].filter(([, { isOld, isKnown }]) => isOld && !isKnown)
    for (const asked of open.values()) asked.isOld = true
    await mapConcurrently(doubtful, LOOK_UPS, async ([id, asked]) => {
      try {
        asked.isKnown = (await stateOf(client, id)) !== undefined
      } catch {
        return
      }
      if (asked.isKnown) return
      const what = `The engine does not know the task ${id} that it took in: it or the connection broke meanwhile.`
      asked.reject(new TaskFailedError('TASK_UNKNOWN', `${what} Resume the run.`))
      open.delete(id)
    })
  }

  /** Yields the ids to request: those that are pending, then each new one. */
  async function* requests(signal: AbortSignal): AsyncGenerator<{ workflowRunId: string }> {
    const queue = [...open.keys()]
    let wake: Deferred<void> = deferred()
    send = (id) => {
      queue.push(id)
      wake.resolve()
    }
    signal.addEventListener('abort', () => wake.resolve(), { once: true })
    while (!signal.aborted) {
      for (const id of queue.splice(0)) yield { workflowRunId: id }
      await wake.promise
      wake = deferred()
    }
  }

  function settle(id: string, how: Ended) {
    open.get(id)?.resolve(how)
    open.delete(id)
  }

  return {
    ended(id) {
      const known = open.get(id)
      if (known) return known.promise
      const asked = { ...deferred<Ended>(), isOld: false, isKnown: false }
      open.set(id, asked)
      if (streaming) send(id)
      else void stream()
      return asked.promise
    },
    async close() {
      clearInterval(asking)
      if (open.size === 0) await lingered
      closing.abort()
      open.clear()
    },
  }
}

function parse(output: string | undefined): unknown {
  try {
    return output ? JSON.parse(output) : undefined
  } catch {
    return output
  }
}
