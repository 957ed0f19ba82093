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
 * Sees to it that only what a spec's own attempt made becomes its row. What it cannot vouch for ends the process, and is done again
 * elsewhere: a promise that it returns stays open.
 */
export interface Judge {
  /** Looks at an outcome before it counts. */
  outcome(outcome: Outcome, sortIndex: number, isLast: boolean): Promise<never> | undefined
  /** Looks at what specs share, after a spec was recorded. */
  recorded(): Promise<never> | undefined
  /** Looks at it before rows leave. */
  rows(): Promise<never> | undefined
  /** Whether rows may leave in the middle of an attempt. */
  isClean(): boolean
  uncaught(thrown: unknown): void
  broken(error: unknown): Promise<never>
  /** Told when the working folder or the mask was set. */
  onSet(): void
}

/** What the process does no more is not waited for. */
const NEVER = new Promise<never>(() => {})

export function createJudge(
  { name, executionTimeout }: Experiment,
  { alone, careful }: Order,
  { channel, status, shared, tries, outlet }: JudgeParts,
): Judge {
  /** Set if something that is not the attempt's own may have had a part in it. */
  let doubt: string | undefined
  /** Set if it is not known whose doing it was that the working folder was set. */
  let isSetByAny = false
  let isLeaving = false
  /** What the spec that was just judged changed. */
  let change: string | undefined

  /** Ends the process. What can be trusted of its rows leaves first. `wordOf` is called when our own code works again. */
  function quit(wordOf: () => LastWord): Promise<never> {
    if (isLeaving) return NEVER
    isLeaving = true
    try {
      status.flush()
    } catch {
      // Its file was closed: then it is known less well with which spec the process ended.
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
      // What records it is our own code.
      shared.restore()
      if (!shared.isSound()) return changed(change)
      if (isLast || outcome.type === 'result') return undefined
      // The next attempt would find it so. This one counts.
      const thrown = { name: 'SPEC_FAILED', message: `It failed, and changed ${change}.`, stack: null }
      return quit(() => ({ type: 'uncaught', thrown, owned: true }))
    },
    recorded() {
      if (isLeaving) return NEVER
      if (change !== undefined) return changed(change)
      // Before anything that it left behind can run.
      if (alone) outlet.flushNow()
      return undefined
    },
    rows() {
      if (isLeaving) return NEVER
      // After each spec it was looked at, and put right.
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
        // What writes it was changed.
      }
      // Between two attempts it is nobody's: the rows that are there stand, and the next attempt begins clean.
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

/** Whether an attempt failed because its process had no more of what all specs of it share. */
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
    // Closed, or full.
  }
}
