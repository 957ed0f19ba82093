import type { z } from 'zod'
import { compileExperiment } from './compile.js'
import { ExperimentInvalidError } from './errors.js'
import type { Experiment } from './experiment.js'
import type { RegisterOptions, TableSchemas } from './options.js'
import type { Takes } from './registry.js'
import { partsOf, type Schema } from './schema.js'

/** The options of `remoteExperiment`. */
export interface RemoteExperimentOptions<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> extends Pick<RegisterOptions<Input, Output>, 'input' | 'output' | 'description' | 'desiredWorkerLabels'> {
  /** The name of the task on the engine: `scythe_experiment_simulate_energy`. */
  readonly name: string
  /**
   * The data frames that come with an output and that are gathered into tables: the zod 4 object of
   * a row by the frame's name. Frames that are not named here stay in the run's folder
   * `results/task-dataframes/`, where the worker puts them. Default: none.
   */
  readonly tables?: TableSchemas
  /**
   * The number of specs whose results share one receipt; after a resume, such a group may run
   * again. Default: 1 to 256, depending on the number of specs.
   */
  readonly batch?: number
}

const OPTIONS = Object.keys({
  name: true,
  input: true,
  output: true,
  tables: true,
  description: true,
  desiredWorkerLabels: true,
  batch: true,
} satisfies Record<keyof RemoteExperimentOptions, true>)

/**
 * An experiment whose function belongs to other workers. Each of its specs is a separate task with
 * the experiment's name.
 */
export interface RemoteExperiment<Spec = unknown> extends Experiment, Takes<Spec> {
  readonly remote: true
}

/**
 * Declares an experiment that other workers serve, such as workers of Python Scythe, so that runs
 * of it can be allocated. It needs a Hatchet engine and an S3 store. The workers that serve it
 * decide how long a spec may take and how often it runs. `scythe schema import` writes the schemas
 * of a run.
 *
 * @example
 * ```ts
 * const simulate = remoteExperiment({
 *   name: 'scythe_experiment_simulate',
 *   input: z.object({ r_value: z.number() }),
 *   output: z.object({ load: z.number() }),
 * })
 * const { ref } = await allocate(simulate, [{ r_value: 2 }], { store: 's3://bucket/scythe' })
 * ```
 *
 * @throws `EXPERIMENT_INVALID` if an option or a schema is wrong.
 */
export function remoteExperiment<Input extends z.ZodObject, Output extends z.ZodObject>(
  options: RemoteExperimentOptions<Input, Output>,
): RemoteExperiment<z.input<Input>> {
  const { name } = options
  if (name === undefined) {
    throw new ExperimentInvalidError(
      undefined,
      'name',
      'expected name to be that of a task on the engine, got nothing.',
    )
  }
  const unknown = Object.keys(options).find((option) => !OPTIONS.includes(option))
  if (unknown !== undefined) {
    const problem = `a remote experiment has no option ${unknown}: its options are ${OPTIONS.join(', ')}. Those who serve it set the rest.`
    throw new ExperimentInvalidError(name, unknown, problem)
  }
  const experiment = compileExperiment(options, elsewhere, '')
  for (const [option, schema] of Object.entries({ output: experiment.output, ...experiment.tables })) {
    if (changesValues(schema as Schema)) {
      throw new ExperimentInvalidError(
        name,
        option,
        `${option} has a transform, which only those who serve it could do.`,
      )
    }
  }
  return { ...experiment, remote: true } as RemoteExperiment<z.input<Input>>
}

/**
 * Returns whether a value was made by `remoteExperiment`, perhaps in another copy of the package.
 */
export function isRemote(value: unknown): value is RemoteExperiment {
  return typeof value === 'object' && value !== null && 'fn' in value && 'remote' in value && value.remote === true
}

function elsewhere(): never {
  throw new Error('The function of this experiment is elsewhere.')
}

function changesValues(schema: Schema, seen = new Set<Schema>()): boolean {
  if (seen.has(schema)) return false
  seen.add(schema)
  const { type } = schema._zod.def
  return type === 'pipe' || type === 'transform' || partsOf(schema).some(([, part]) => changesValues(part, seen))
}
