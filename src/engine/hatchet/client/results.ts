import { setTimeout as sleep } from 'node:timers/promises'
import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { mapConcurrently } from '../../../async/concurrency.js'
import { type Deferred, deferred } from '../../../async/promises.js'
import { TaskFailedError } from '../../errors.js'
import { subscribeToRuns } from '../internals.js'
import { stateOf } from './status.js'

/** How a task ended, as the engine tells it: an error's text, or the JSON that the task gave. */
export interface Ended {
  readonly error: string | undefined
  readonly output: unknown
}

/** Hears from the engine how runs end. */
export interface Results {
  /**
   * Asked twice for one id, it is one question. Rejects with `TaskFailedError` (`TASK_UNKNOWN`) where the engine knows of no such run: it
   * gives a child's id away before it has the child, and may break, or the connection to it, in between.
   */
  ended(id: string): Promise<Ended>
  /** Waits until nothing that was told a moment ago is cut off. */
  close(): Promise<void>
}

/** Between two tries to reach the engine again, in ms. */
const RETRY_MS = 1_000
/** How often everything that is still open is asked for anew: an engine that lost its memory says nothing by itself. */
const ASK_AGAIN_MS = 20_000
const LOOK_UPS = 8
/**
 * A stream to which nothing is left to be told is kept for so long, in ms. The engine looks a run up several times at once when it ends, and
 * tells the first; a stream that ended then would cut the others off within their transactions, some of which never end (0.91).
 */
const LINGER_MS = 500

interface Open extends Deferred<Ended> {
  /** What was taken in a moment ago may not be there yet. */
  isOld: boolean
  isKnown: boolean
}

/**
 * One stream for all runs. The SDK's own `ref.output` has a listener that starts anew for ever, which keeps a script from ending,
 * and that takes a minute to notice an engine's restart.
 */
export function createResults(client: HatchetClient, askAgainMs = ASK_AGAIN_MS): Results {
  const open = new Map<string, Open>()
  const closing = new AbortController()
  let streaming = false
  /** Settles when the stream has lingered, if it does. */
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
        // The engine is away, or the stream was ended here.
      }
      const isBroken = !ended.signal.aborted
      // What breaks a stream may have lost what the engine had taken in.
      if (isBroken) for (const asked of open.values()) asked.isKnown = false
      ended.abort()
      if (isBroken && open.size > 0 && !closing.signal.aborted) await sleep(RETRY_MS, undefined, { ref: false })
    }
    streaming = false
  }

  /** Whoever waits for a run that is not there would wait for ever. */
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

  /** The ids to ask for: those that are open, then each as it comes. */
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
