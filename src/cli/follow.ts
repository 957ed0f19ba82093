import type { Engine } from '../engine/engine.js'
import { codeOf } from '../error-codes.js'
import type { RunRef, StartOptions } from '../run/run-ref.js'
import { log } from '../settings/log.js'
import { printable } from '../settings/printable.js'
import type { Store } from '../store/store.js'
import { listenToTroubles, troubleText } from '../store/troubles.js'
import { CommandStoppedError, InterruptedError } from './errors.js'
import { ExitCode } from './failure.js'
import { type EngineOptions, openEngine } from './open-engine.js'
import { createProgress } from './progress.js'
import { formatNextCommands, runCommand } from './run-commands.js'
import { printJson, printLine } from './stdout.js'
import { formatUndeclared, printSummary } from './summary.js'

export interface FollowOptions extends EngineOptions {
  readonly json: boolean
  /** The store as it was named on the command line. */
  readonly storeAddress: string | undefined
  /**
   * The module as it has to be named for `scythe resume`; `undefined` if the run names it well
   * enough.
   */
  readonly module: string | undefined
  /** Number of specs that were done before. */
  readonly doneBefore: number
  /**
   * The controller that Ctrl-C aborts before the run is started. The allocation then ends by
   * itself.
   */
  readonly allocating?: AbortController
}

/**
 * Allocates a run, or takes an existing one, and starts it. `reading` is called with the number of
 * specs read so far.
 */
export type Start = (options: Required<StartOptions>, reading: (specs: number) => void) => Promise<RunRef>

/** Time limit for the removal of a stopped allocation, in ms. */
const LONGEST_TIDYING_MS = 10_000

/**
 * Runs a run to its end, shows its progress, and prints its summary. Ctrl-C stops the run; if the
 * run is elsewhere, Ctrl-C leaves it running. Resolves with the exit code.
 */
export async function followRun(store: Store, start: Start, options: FollowOptions): Promise<number> {
  const { json, detach, storeAddress } = options
  const begun = performance.now()
  let taken: string | undefined
  const engine = tellSubmit(await openEngine(options), (run) => {
    taken = run
  })
  const local = !engine.abilities.outlivesProcess
  const progress = createProgress()
  let ref: RunRef | undefined
  let stop: (reason: Error) => void = () => {}
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = reject
  })
  const interrupt = () => {
    if (local && ref) void ref.cancel().catch(stop)
    else if (!local && taken)
      stop(new InterruptedError(taken, ref !== undefined, formatNextCommands(taken, storeAddress)))
    else if (options.allocating) {
      options.allocating.abort(new CommandStoppedError())
      setTimeout(stop, LONGEST_TIDYING_MS, new CommandStoppedError()).unref()
    } else stop(new CommandStoppedError())
  }
  onInterrupt(() => {
    if (local) log.info('stopping; press Ctrl-C again to end at once')
    interrupt()
  })
  const deaf = listenToTroubles((trouble, over) => log[over ? 'info' : 'warn'](troubleText(trouble, over)))
  try {
    const onProgress = progress.update
    ref = await Promise.race([start({ engine, onProgress }, progress.reading), stopped])
    // The run was started while Ctrl-C aborted its allocation.
    if (options.allocating?.signal.aborted) interrupt()
    if (!local && taken) log.info(`${taken} runs ${engine.location}`)
    if (detach) {
      progress.end()
      process.stderr.write(`${printable(formatNextCommands(ref.run.id, storeAddress))}\n`)
      await (json ? printJson({ run: ref.run.id }) : printLine(ref.run.id))
      return ExitCode.OK
    }
    const result = await Promise.race([ref.result(), stopped])
    progress.end()
    if (json) await printJson(result)
    else {
      const seconds = (performance.now() - begun) / 1000
      const ran = result.specs - options.doneBefore
      await printSummary({ store, storeAddress, run: ref.run, result, ran, seconds })
    }
    if (result.undeclared) log.info(`${formatUndeclared(result.undeclared)}`)
    return result.errors > 0 ? ExitCode.SOME_ERRORS : ExitCode.OK
  } catch (error) {
    const run = ref?.run.id ?? taken
    if (run === undefined || error instanceof InterruptedError) throw error
    const resume = runCommand('resume', run, storeAddress, options.module)
    if (codeOf(error) === 'CANCELLED') throw new CommandStoppedError(run, resume)
    log.info(`what is done of the run is kept; resume it: ${resume}`)
    throw error
  } finally {
    deaf()
    progress.end()
    await engine.close()
  }
}

/**
 * Returns the engine, which now calls `tell` with the run that it takes or has. From then on, the
 * run may outlive this process.
 */
function tellSubmit(engine: Engine, tell: (run: string) => void): Engine {
  return {
    ...engine,
    submit(task, options) {
      tell(task.run)
      return engine.submit(task, options)
    },
    find(id, run) {
      tell(run)
      return engine.find(id, run)
    },
  }
}

/** Makes Ctrl-C (and SIGTERM) call `stop` the first time, and end the process the second time. */
export function onInterrupt(stop: () => void): void {
  let interrupted = false
  const hear = () => {
    if (interrupted) process.exit(ExitCode.INTERRUPTED)
    interrupted = true
    stop()
  }
  process.on('SIGINT', hear)
  process.on('SIGTERM', hear)
}
