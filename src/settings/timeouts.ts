import { duration, type Environment, readEnvironment } from './environment.js'

/** In ms; `undefined` where the variable is not set, and whoever uses it has a default of its own. */
export interface TimeoutSettings {
  readonly scatterGatherSchedule: number | undefined
  readonly scatterGatherExecution: number | undefined
  readonly experimentSchedule: number | undefined
  readonly experimentExecution: number | undefined
}

export const TIMEOUT_VARIABLES = {
  SCYTHE_TIMEOUT_SCATTER_GATHER_SCHEDULE: duration({ default: undefined }),
  SCYTHE_TIMEOUT_SCATTER_GATHER_EXECUTION: duration({ default: undefined }),
  SCYTHE_TIMEOUT_EXPERIMENT_SCHEDULE: duration({ default: undefined }),
  SCYTHE_TIMEOUT_EXPERIMENT_EXECUTION: duration({ default: undefined }),
}

export function timeoutSettings(env: Environment = process.env): TimeoutSettings {
  const values = readEnvironment(TIMEOUT_VARIABLES, env)
  return {
    scatterGatherSchedule: values.SCYTHE_TIMEOUT_SCATTER_GATHER_SCHEDULE,
    scatterGatherExecution: values.SCYTHE_TIMEOUT_SCATTER_GATHER_EXECUTION,
    experimentSchedule: values.SCYTHE_TIMEOUT_EXPERIMENT_SCHEDULE,
    experimentExecution: values.SCYTHE_TIMEOUT_EXPERIMENT_EXECUTION,
  }
}
