import { type Environment, readSettings, type ValuesOf } from './environment.js'
import { duration } from './types.js'

const HOUR = 3_600_000

/**
 * How long a task may wait for a worker by default, in ms: a fleet may be started days after its
 * run.
 */
export const DEFAULT_WAIT = 30 * 24 * HOUR

export const TIMEOUT_SETTINGS = {
  experimentExecution: duration({
    variable: 'SCYTHE_TIMEOUT_EXPERIMENT_EXECUTION',
    default: HOUR,
    doc: 'limit of one attempt at one spec, if the experiment sets none',
  }),
  /**
   * This setting has no default: the run stores the value that the experiment sets, and nothing if
   * it sets none.
   */
  experimentSchedule: duration({
    variable: 'SCYTHE_TIMEOUT_EXPERIMENT_SCHEDULE',
    otherwise: '30d',
    doc: 'how long a batch or a spec may wait for a worker, if the experiment sets no limit',
  }),
  scatterGatherExecution: duration({
    variable: 'SCYTHE_TIMEOUT_SCATTER_GATHER_EXECUTION',
    default: HOUR,
    doc: 'after how long a fan whose worker has stalled is run elsewhere',
  }),
  scatterGatherSchedule: duration({
    variable: 'SCYTHE_TIMEOUT_SCATTER_GATHER_SCHEDULE',
    default: DEFAULT_WAIT,
    otherwise: '30d',
    doc: 'how long a fan may wait for a worker',
  }),
}

/** Returns time limits in ms. Throws `SettingsInvalidError` with every invalid variable. */
export function timeoutSettings(env: Environment = process.env): ValuesOf<typeof TIMEOUT_SETTINGS> {
  return readSettings(TIMEOUT_SETTINGS, env)
}
