import { defaultEngine, localEngine } from '../run/default-engine.js'
import type { RunRef, StartOptions } from '../run/run-ref.js'
import type { Store } from '../store/store.js'
import { StoppedError } from './errors.js'
import { ExitCode } from './failure.js'
import { onInterrupt } from './interrupt.js'
import { createProgress } from './progress.js'
import { printJson } from './stdout.js'
import { printSummary } from './summary.js'

export interface FollowOptions {
  readonly json: boolean
  /** Processes at a time. Default: what the settings say. */
  readonly slots: number | undefined
  /** The store as it was named on the command line. */
  readonly storeAddress: string | undefined
  /** Specs that were done before. */
  readonly doneBefore: number
}

/** Allocates a run or takes one that is there, and starts it. `reading` is to be told of specs as they are read. */
export type Start = (options: Required<StartOptions>, reading: (specs: number) => void) => Promise<RunRef>

/** Runs a run to its end, showing how it goes, and says what it came to. Ctrl-C stops it. Gives the exit code. */
export async function followRun(store: Store, start: Start, options: FollowOptions): Promise<number> {
  const begun = performance.now()
  const engine = await (options.slots === undefined ? defaultEngine() : localEngine({ slots: options.slots }))
  const progress = createProgress()
  let ref: RunRef | undefined
  let stop: (reason: Error) => void = () => {}
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = reject
  })
  onInterrupt(() => {
    process.stderr.write('scythe: stopping; press Ctrl-C again to end at once\n')
    if (ref) void ref.cancel().catch(stop)
    else stop(new StoppedError())
  })
  try {
    const onProgress = progress.update
    ref = await Promise.race([start({ engine, onProgress }, progress.reading), stopped])
    const result = await Promise.race([ref.result(), stopped])
    progress.end()
    if (options.json) await printJson(result)
    else {
      const seconds = (performance.now() - begun) / 1000
      await printSummary({ store, run: ref.run, result, ran: result.specs - options.doneBefore, seconds })
    }
    return result.errors > 0 ? ExitCode.SOME_ERRORS : ExitCode.OK
  } catch (error) {
    if (!ref) throw error
    const resume = resumeCommand(ref.run.id, options.storeAddress)
    if ((error as { code?: unknown }).code === 'CANCELLED') throw new StoppedError(ref.run.id, resume)
    process.stderr.write(`scythe: what is done of the run is kept; go on with it: ${resume}\n`)
    throw error
  } finally {
    progress.end()
    await engine.close()
  }
}

function resumeCommand(run: string, storeAddress: string | undefined): string {
  return `scythe resume ${run}${storeAddress === undefined ? '' : ` --store ${storeAddress}`}`
}
