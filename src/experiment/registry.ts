import type { z } from 'zod'
import { callingModule } from './call-site.js'
import { compileExperiment } from './compile.js'
import { ExperimentDuplicateError, ExperimentInvalidError, ExperimentUnknownError } from './errors.js'
import type { Experiment, ExperimentContext, ExperimentFunction } from './experiment.js'
import { findNamed } from './find-named.js'
import { batchName } from './names.js'
import type { RegisterOptions, TableSchemas } from './options.js'
import { formatValue } from './values.js'

/**
 * The return value of an experiment's function for a spec: the fields of the output, and the rows
 * of its tables.
 */
export type ExperimentResult<Output extends z.ZodObject, Tables extends TableSchemas> = z.input<Output> &
  (keyof Tables extends never
    ? unknown
    : { readonly tables: { readonly [Name in keyof Tables]: readonly z.input<Tables[Name]>[] } })

/** The type of an experiment's function with these schemas. */
export type FunctionOf<Input extends z.ZodObject, Output extends z.ZodObject, Tables extends TableSchemas> = (
  spec: z.output<Input>,
  ctx: ExperimentContext,
) => ExperimentResult<Output, Tables> | Promise<ExperimentResult<Output, Tables>>

declare const takes: unique symbol

/** Carries the type of a registered function's specs. It exists only in the type system. */
export interface Takes<Spec> {
  readonly [takes]: Spec
}

/**
 * Registers a function and returns it. As a decorator, standard or legacy, registers a static
 * method.
 */
export interface Register<Fn extends ExperimentFunction, Spec> {
  // Without the second parameter, TypeScript would use this overload for a decorator of any method.
  <F extends Fn>(fn: F, context?: never): F & Takes<Spec>
  <F extends Fn>(method: F, context: ClassMethodDecoratorContext<unknown, F> & { static: true; private: false }): void
  // biome-ignore lint/complexity/noBannedTypes: what the older decorators hand over for a static method
  <F extends Fn>(target: Function, key: string, descriptor: TypedPropertyDescriptor<F>): void
}

/**
 * A Hatchet workflow or task, as the SDK's worker accepts it. The type names no type of the SDK, so
 * that importing this package does not load the SDK.
 */
export interface IncludedWorkflow {
  readonly name: string
  readonly definition: object
}

interface State {
  experiments: Map<string, Experiment>
  functions: WeakMap<ExperimentFunction, Experiment>
  workflows: Set<IncludedWorkflow>
}

const KEY = Symbol.for('scythe')

/**
 * Returns the registry of the process. It is stored on `globalThis`, so that two copies of the
 * package share it.
 */
function state(): State {
  const shared = globalThis as { [KEY]?: State }
  shared[KEY] ??= { experiments: new Map(), functions: new WeakMap(), workflows: new Set() }
  return shared[KEY]
}

/** The experiments of this process. Importing a module that registers experiments adds them. */
export const ExperimentRegistry = {
  /**
   * Registers an experiment. Called with a function, it returns the function; on a static method it
   * is a decorator, standard or of `experimentalDecorators`.
   *
   * @example
   * ```ts
   * const throwBall = ExperimentRegistry.register({
   *   input: z.object({ speed: z.number().min(0), angle: z.number() }),
   *   output: z.object({ distance: z.number() }),
   *   executionTimeout: '5m',
   *   retries: 2,
   * })(function throwBall({ speed, angle }) {
   *   return { distance: (speed ** 2 * Math.sin((2 * angle * Math.PI) / 180)) / 9.81 }
   * })
   * ```
   *
   * @throws `EXPERIMENT_INVALID` if an option, a schema or a name is wrong.
   * @throws `EXPERIMENT_DUPLICATE` if another function has the name.
   */
  register<
    Input extends z.ZodObject,
    Output extends z.ZodObject,
    // biome-ignore lint/complexity/noBannedTypes: no tables are no keys
    Tables extends TableSchemas = {},
  >(options: RegisterOptions<Input, Output, Tables>): Register<FunctionOf<Input, Output, Tables>, z.input<Input>> {
    if (typeof options !== 'object' || options === null) {
      throw new ExperimentInvalidError(
        undefined,
        'options',
        `expected register({ input, output }), got ${formatValue(options)}.`,
      )
    }
    const module = callingModule()
    const add = (fn: ExperimentFunction, self: unknown, name: string) => {
      addExperiment(compileExperiment(options, self === undefined ? fn : fn.bind(self), module, name), fn)
    }
    const register = (
      fn: ExperimentFunction,
      context?: ClassMethodDecoratorContext | string | symbol,
      descriptor?: TypedPropertyDescriptor<ExperimentFunction>,
    ) => {
      if (context === undefined) {
        add(fn, undefined, fn.name)
        return fn
      }
      if (typeof context === 'object') {
        assertStatic(context.static && !context.private, context.name)
        // The class exists only when its initializers run.
        context.addInitializer(function (this: unknown) {
          add(fn, this, String(context.name))
        })
        return undefined
      }
      assertStatic(typeof fn === 'function' && typeof descriptor?.value === 'function', context)
      add(descriptor!.value!, fn, String(context))
      return undefined
    }
    return register as Register<FunctionOf<Input, Output, Tables>, z.input<Input>>
  },

  /**
   * Adds a Hatchet workflow or task, which the worker serves beside the experiments, and returns
   * it. Throws `ExperimentInvalidError` (`EXPERIMENT_INVALID`) if the name is taken, because an
   * engine keeps one definition of a name.
   */
  include<W extends IncludedWorkflow>(workflow: W): W {
    const { experiments, workflows } = state()
    const { name } = workflow
    const isTaken = experiments.has(name) || [...workflows].some((other) => other !== workflow && other.name === name)
    if (isTaken) throw nameTaken(name)
    workflows.add(workflow)
    return workflow
  },

  /**
   * Returns an experiment by its function or its name. Accepts `simulateEnergy` and
   * `simulate_energy` for `scythe_experiment_simulate_energy`. Throws `ExperimentUnknownError`
   * (`EXPERIMENT_UNKNOWN`).
   */
  get(nameOrFunction: string | ExperimentFunction): Experiment {
    const { experiments, functions } = state()
    if (typeof nameOrFunction === 'string') return findNamed([...experiments.values()], nameOrFunction)
    const found = functions.get(nameOrFunction)
    if (found) return found
    throw new ExperimentUnknownError(nameOrFunction.name || 'without a name', [...experiments.keys()])
  },

  /** Returns every experiment, in the order of registration. */
  list(): Experiment[] {
    return [...state().experiments.values()]
  },

  /** Returns every included workflow, in the order of inclusion. */
  workflows(): IncludedWorkflow[] {
    return [...state().workflows]
  },

  /** Removes all experiments and workflows. It is meant for tests. */
  clear(): void {
    const { experiments, workflows } = state()
    experiments.clear()
    workflows.clear()
    state().functions = new WeakMap()
  },
}

function addExperiment(experiment: Experiment, fn: ExperimentFunction): void {
  const { experiments, functions, workflows } = state()
  const { name, module } = experiment
  const same = experiments.get(name)
  if (same) throw new ExperimentDuplicateError(name, [same.module, module], duplicateMessage(same, module))
  if ([...workflows].some((workflow) => workflow.name === name)) throw nameTaken(name)
  for (const other of experiments.values()) {
    if (other.name === batchName(name) || name === batchName(other.name)) {
      throw new ExperimentDuplicateError(
        name,
        [other.module, module],
        `Experiment ${name} of ${module} cannot stand beside ${other.name} of ${other.module}: one is called as the other's batch task. Rename one of them.`,
      )
    }
  }
  experiments.set(name, experiment)
  functions.set(fn, experiment)
}

function nameTaken(name: string): ExperimentInvalidError {
  return new ExperimentInvalidError(name, 'name', 'the name is that of an included workflow, too: rename one of them.')
}

function duplicateMessage({ name, module: earlier }: Experiment, module: string): string {
  return earlier === module
    ? `Experiment ${name} is registered twice by ${module}: give one of them another name, or load the module once only (one loader, no query in the import).`
    : `Experiment ${name} of ${module} is registered already, by ${earlier}: set the option name on one of them.`
}

function assertStatic(isStatic: boolean, method: string | symbol): void {
  if (isStatic) return
  throw new ExperimentInvalidError(
    String(method),
    'method',
    `only public static methods can be experiments: write "static async ${String(method)}(spec, ctx)".`,
  )
}
