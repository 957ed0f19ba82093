import type { z } from 'zod'
import { ExperimentInvalidError } from '../experiment/errors.js'
import type { ExperimentFunction } from '../experiment/experiment.js'
import type { RegisterOptions, TableSchemas } from '../experiment/options.js'
import { ExperimentRegistry, type FunctionOf } from '../experiment/registry.js'
import { formatValue } from '../experiment/values.js'

/**
 * A registered function, or a function to register with the options of
 * `ExperimentRegistry.register`.
 */
export type WorkerExperiment = ExperimentFunction | UnregisteredExperiment

export interface UnregisteredExperiment extends RegisterOptions<z.ZodObject, z.ZodObject, TableSchemas> {
  readonly fn: ExperimentFunction
}

/**
 * Registers the experiments that are not registered yet. Throws `ExperimentUnknownError` if a
 * function without options is not registered, and every error that `register` throws.
 */
export function registerMore(experiments: readonly WorkerExperiment[]): void {
  for (const experiment of experiments) {
    if (typeof experiment === 'function') ExperimentRegistry.get(experiment)
    else {
      const { fn, ...options } = experiment
      if (typeof fn !== 'function') {
        throw new ExperimentInvalidError(
          undefined,
          'fn',
          `expected { fn, input, output }, got ${formatValue(experiment)}.`,
        )
      }
      ExperimentRegistry.register(options)(fn as FunctionOf<z.ZodObject, z.ZodObject, TableSchemas>)
    }
  }
}
