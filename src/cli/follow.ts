import type { Engine } from '../engine/engine.js'
import type { RunRef, StartOptions } from '../run/run-ref.js'
import type { Store } from '../store/store.js'
import { LeftRunningError, StoppedError } from './errors.js'
import { ExitCode } from './failure.js'
import { onInterrupt } from './interrupt.js'
import { type EngineOptions, openEngine, whereText } from './open-engine.js'
import { createProgress } from './progress.js'
import { runCommand, waysText } from './run-commands.js'
import { printJson, printLine } from './stdout.js'
import { printSummary } from './summary.js'

export interface FollowOptions extends EngineOptions {
  readonly json: boolean
  /** The store as it was named on the command line. */
  readonly storeAddress: string | undefined
  /** Specs that were done before. */
  readonly doneBefore: number
}

/** Allocates a run or takes one that is there, and starts it. `reading` is to be told of specs as they are read. */
export type Start = (options: Required<StartOptions>, reading: (specs: number) => void) => Promise<RunRef>

/**
 * Runs a run to its end, showing how it goes, and says what it came to. Ctrl-C stops it; where it runs elsewhere, Ctrl-C leaves it
 * running. Gives the exit code.
 */
export async function followRun(store: Store, start: Start, options: FollowOptions): Promise<number> {
  const { json, detach, storeAddress } = options
  const begun = performance.now()
  let taken: string | undefined
  const engine = tellSubmit(await openEngine(options), (run) => {
    taken = run
  })
  const local = engine.name === 'local'
  const progress = createProgress()
  let ref: RunRef | undefined
  let stop: (reason: Error) => void = () => {}
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = reject
  })
  onInterrupt(() => {
    if (local) process.stderr.write('scythe: stopping; press Ctrl-C again to end at once\n')
    if (local && ref) void ref.cancel().catch(stop)
    else if (!local && taken) stop(new LeftRunningError(taken, ref !== undefined, waysText(taken, storeAddress)))
    else stop(new StoppedError())
  })
  try {
    const onProgress = progress.update
    ref = await Promise.race([start({ engine, onProgress }, progress.reading), stopped])
    if (!local && taken) process.stderr.write(`scythe: ${taken} runs ${whereText(engine.name)}\n`)
    if (detach) {
      progress.end()
      process.stderr.write(`${waysText(ref.run.id, storeAddress)}\n`)
      await (json ? printJson({ run: ref.run.id }) : printLine(ref.run.id))
      return ExitCode.OK
    }
    const result = await Promise.race([ref.result(), stopped])
    progress.end()
    if (json) await printJson(result)
    else {
      const seconds = (performance.now() - begun) / 1000
      await printSummary({ store, run: ref.run, result, ran: result.specs - options.doneBefore, seconds })
    }
    return result.errors > 0 ? ExitCode.SOME_ERRORS : ExitCode.OK
  } catch (error) {
    const run = ref?.run.id ?? taken
    if (run === undefined || error instanceof LeftRunningError) throw error
    const resume = runCommand('resume', run, storeAddress)
    if ((error as { code?: unknown }).code === 'CANCELLED') throw new StoppedError(run, resume)
    process.stderr.write(`scythe: what is done of the run is kept; go on with it: ${resume}\n`)
    throw error
  } finally {
    progress.end()
    await engine.close()
  }
}

/** The same engine, that tells which run it is handed or has. From then on the run may go on, whatever becomes of this process. */
function tellSubmit(engine: Engine, tell: (run: string) => void): Engine {
  const { find } = engine
  return {
    ...engine,
    submit(task, options) {
      tell(task.run)
      return engine.submit(task, options)
    },
    ...(find && {
      find(id, run) {
        tell(run)
        return find(id, run)
      },
    }),
  }
}
