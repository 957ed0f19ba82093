import type { Engine, FoundRoot } from '../engine/engine.js'
import { defaultEngine } from '../run/default-engine.js'
import { answeredInTime, needsOf, unmetRequirements } from '../run/lacking.js'
import { findRoot } from '../run/root-task.js'
import type { Run } from '../run/run.js'
import { ALLOCATION_KEY, readAllocation } from '../scatter/allocation.js'
import { log } from '../settings/log.js'
import { scopedStore } from '../store/scoped-store.js'
import type { Store } from '../store/store.js'
import { waitingText } from './progress.js'

/** The state of a run that has no receipt yet, according to the engine. */
export interface EngineStatus {
  /** The state of the run's root; `unknown` if the engine does not know a root. */
  readonly state: FoundRoot['state'] | 'unknown'
  readonly failure?: Error
  /** Requirements of the run that no connected worker meets. */
  readonly waitingFor?: readonly string[]
}

/**
 * Resolves with the state of a run according to the engine, or with `undefined` if the engine is
 * this process, or cannot be reached.
 */
export async function engineStatusOf(store: Store, run: Run): Promise<EngineStatus | undefined> {
  try {
    const engine = await defaultEngine()
    try {
      return engine.abilities.joins ? await ask(engine, scopedStore(store, run.id), run.id) : undefined
    } finally {
      await engine.close()
    }
  } catch (error) {
    log.warn(`could not ask the engine: ${(error as Error).message}`)
    return undefined
  }
}

async function ask(engine: Engine, folder: Store, run: string): Promise<EngineStatus> {
  const { state = 'unknown', failure } = (await answeredInTime(engine, findRoot(engine, folder, run))) ?? {}
  if (state !== 'running') return { state, ...(failure ? { failure } : {}) }
  // The requirements of a workflow are not known.
  if (!(await folder.head(ALLOCATION_KEY))) return { state }
  return { state, waitingFor: await unmetRequirements(engine, needsOf(await readAllocation(folder))) }
}

/** Formats the state of a run according to the engine. */
export function formatEngineStatus({ state, failure, waitingFor = [] }: EngineStatus): string {
  switch (state) {
    case 'running':
      return waitingFor.length > 0 ? waitingText(waitingFor) : 'under way'
    case 'cancelled':
      return 'cancelled'
    case 'failed':
      return `failed: ${failure?.message}`
    case 'done':
      return 'done, as the engine has it'
    case 'unknown':
      return 'nothing of it is under way on the engine'
  }
}
