import { writeSync } from 'node:fs'
import type { Experiment } from '../../experiment/experiment.js'
import type { LastWord, Order } from '../protocol.js'
import { serializeError } from '../serialize-error.js'
import type { StatusWriter } from '../status-file.js'
import { DEAR_MS } from '../time-limit.js'
import { type Attempts, attemptOwner, type Outcome } from './attempts.js'
import type { Channel } from './channel.js'
import type { RowFlusher } from './row-flusher.js'
import type { SharedState } from './shared-state.js'

export interface JudgeParts {
  readonly channel: Channel
  readonly status: StatusWriter
  readonly shared: SharedState
  readonly tries: Attempts
  readonly outlet: RowFlusher
}

/**
 * Ensures that a spec's row contains only the work of its own attempt. If that is in doubt, ends
 * the process, and the work is repeated elsewhere: the promise that it returns then stays pending.
 */
export interface Judge {
  /** Checks an outcome before it counts. `isLast`: no attempt is left after this one. */
  outcome(outcome: Outcome, sortIndex: number, isLast: boolean): Promise<never> | undefined
  /** Checks the shared state after a spec was recorded. */
  recorded(): Promise<never> | undefined
  /** Checks the shared state before rows are sent. */
  rows(): Promise<never> | undefined
  /** Returns whether rows may be sent during an attempt. */
  isClean(): boolean
  uncaught(thrown: unknown): void
  broken(error: unknown): Promise<never>
  /** Called when the working folder or the mask was set. */
  onSet(): void
}

/** A promise that stays pending, for callers that need not continue because the process ends. */
const NEVER = new Promise<never>(() => {})

export function createJudge(
  { name, executionTimeout }: Experiment,
  { alone, careful }: Order,
  { channel, status, shared, tries, outlet }: JudgeParts,
): Judge {
  /** Set if something other than the attempt itself may have influenced it. */
  let doubt: string | undefined
  /** Set if the working folder was changed and it is not known which spec changed it. */
  let isSetByAny = false
  let isLeaving = false
  /** The change made by the spec that was just judged. */
  let change: string | undefined

  /**
   * Ends the process. Sends the rows that can be trusted first. Calls `wordOf` after the built-in
   * objects are restored.
   */
  function quit(wordOf: () => LastWord): Promise<never> {
    if (isLeaving) return NEVER
    isLeaving = true
    try {
      status.flush()
    } catch {
      // The status file was closed: then it is less certain which spec the process ended with.
    }
    const what = shared.changed()
    if (what !== undefined) shared.restore()
    if (what !== undefined && careful && !shared.isSound()) {
      const message = `it changed ${what}, which cannot be put back.`
      return channel.leave({ type: 'broken', thrown: { name: 'SPEC_CRASHED', message, stack: null } })
    }
    if (what !== undefined && !careful) return channel.leave({ type: 'changed', what })
    try {
      outlet.flushNow()
    } catch (error) {
      return channel.leave({ type: 'broken', thrown: serializeError(error, 'Error') })
    }
    return channel.leave(wordOf())
  }

  const suspect = (reason: string) => quit(() => ({ type: 'suspect', reason }))
  const changed = (what: string) => quit(() => ({ type: 'changed', what }))

  return {
    outcome(outcome, sortIndex, isLast) {
      if (isLeaving) return NEVER
      const isFirst = status.isFirst(sortIndex)
      if (doubt !== undefined && !alone) return suspect(doubt)
      if (tries.isImpaired && !alone) return suspect('its folder could not be made')
      if (lacksResources(outcome) && !alone)
        return suspect('its process had no more of something that all its specs share')
      if (outcome.type === 'late' && !alone && executionTimeout <= DEAR_MS) return suspect('it took too long')
      if (shared.resetProcess() && isSetByAny && !isFirst) return changed('the working folder')
      isSetByAny = false
      if (!careful) return undefined
      change = shared.changed()
      if (change === undefined) return undefined
      if (!isFirst) return suspect(`${change} was changed`)
      // Scythe's own code records the spec, so the state must be restored first.
      shared.restore()
      if (!shared.isSound()) return changed(change)
      if (isLast || outcome.type === 'result') return undefined
      // The next attempt would run in the changed state. This attempt counts.
      const thrown = { name: 'SPEC_FAILED', message: `It failed, and changed ${change}.`, stack: null }
      return quit(() => ({ type: 'uncaught', thrown, owned: true }))
    },
    recorded() {
      if (isLeaving) return NEVER
      if (change !== undefined) return changed(change)
      // Send the rows before any leftover work can run.
      if (alone) outlet.flushNow()
      return undefined
    },
    rows() {
      if (isLeaving) return NEVER
      // It was checked and restored after each spec.
      if (careful) return undefined
      const what = shared.changed()
      return what === undefined ? undefined : changed(what)
    },
    isClean: () => shared.changed() === undefined,
    uncaught(thrown) {
      const owner = attemptOwner.getStore()
      const { current } = tries
      try {
        report(name, owner?.sortIndex, thrown)
      } catch {
        // The functions that write the report were changed.
      }
      // Between two attempts, the error belongs to no spec: the recorded rows are valid, and the
      // next attempt starts clean.
      if (!current) return
      if (owner !== undefined && owner.sortIndex !== current.sortIndex)
        void suspect('what an earlier spec left behind threw')
      else
        void quit(() => ({
          type: 'uncaught',
          thrown: serializeError(thrown, 'UncaughtException'),
          owned: owner === current,
        }))
    },
    broken: (error) => quit(() => ({ type: 'broken', thrown: serializeError(error, 'Error') })),
    onSet() {
      const { current, isPending } = tries
      if (!current) shared.resetProcess()
      else if (!careful) isSetByAny ||= isPending
      else if (attemptOwner.getStore() !== current) doubt ??= 'what another spec left behind set the working folder'
    },
  }
}

/**
 * Returns whether an attempt failed because the process ran out of a resource that all its specs
 * share.
 */
function lacksResources(outcome: Outcome): boolean {
  try {
    const { code } = ((outcome.type === 'thrown' && outcome.thrown) || {}) as NodeJS.ErrnoException
    return code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM' || code === 'EADDRINUSE'
  } catch {
    return false
  }
}

function report(experiment: string, sortIndex: number | undefined, thrown: unknown): void {
  const { name, message, stack } = serializeError(thrown, 'Error')
  const whose = sortIndex === undefined ? experiment : `${experiment} ${sortIndex}`
  try {
    writeSync(2, `[${whose}] error nobody caught this: ${stack ?? `${name}: ${message}`}\n`)
  } catch {
    // stderr is closed or full.
  }
}
