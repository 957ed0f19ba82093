import type { Engine } from '../engine/engine.js'
import { inPoolProcess, parkPoolProcess } from '../execute/child/pool-process.js'
import { type WorkerLabels, workerLabels } from '../experiment/labels.js'
import type { IncludedWorkflow } from '../experiment/registry.js'
import {
  type Environment,
  type OptionsOf,
  optionsAsVariables,
  SettingsInvalidError,
  type ShownSetting,
  showSettings,
} from '../settings/environment.js'
import {
  type HostSettings,
  WORKER_SETTINGS,
  type WorkerSettings,
  workerName,
  workerSettings,
  workerSlots,
} from '../settings/worker.js'
import { registerMore, type WorkerExperiment } from './more-experiments.js'

/**
 * The settings of a worker as options. Times are strings such as `"90s"` or `"1h30m"`, or numbers
 * in ms.
 */
export type WorkerConfigOptions = OptionsOf<typeof WORKER_SETTINGS>

export interface StartWorkerOptions {
  /**
   * Experiments in addition to the registered ones: registered functions, or functions to register.
   * Default: none.
   */
  readonly experiments?: readonly WorkerExperiment[]
  /**
   * Hatchet workflows and tasks to serve in addition to those that were included in the registry.
   * Default: none.
   */
  readonly additionalWorkflows?: readonly IncludedWorkflow[]
  /**
   * The engine that supplies the work. It is not closed at the end. Default: the engine that
   * `SCYTHE_ENGINE` names, otherwise Hatchet.
   */
  readonly engine?: Engine
}

/**
 * A base class with every setting as a property, so that the class below gets them from their
 * declarations.
 */
const WithSettings = class {
  constructor(settings: WorkerSettings) {
    Object.assign(this, settings)
  }
} as new (
  settings: WorkerSettings,
) => WorkerSettings

/**
 * Holds the settings of a worker: options come first, then `SCYTHE_WORKER_…` variables, then
 * defaults. docs/settings.md describes each setting.
 *
 * @example
 * ```ts
 * const config = new ScytheWorkerConfig({ slots: 8, drain: '1m' })
 * await config.start({ experiments: [simulateEnergy] })
 * ```
 *
 * @throws `SETTINGS_INVALID` with all settings that are wrong.
 */
export class ScytheWorkerConfig extends WithSettings {
  readonly #host: HostSettings
  readonly #options: WorkerConfigOptions
  readonly #env: Environment

  constructor(options: WorkerConfigOptions = {}, env: Environment = process.env) {
    const { host, ...settings } = workerSettings({ ...env, ...optionsAsVariables(WORKER_SETTINGS, options) })
    super(settings)
    this.#host = host
    this.#options = { ...options }
    this.#env = { ...env }
    if (!this.doesFan && !this.doesLeaf) {
      const expected = 'true, since the worker would have nothing to do otherwise'
      throw new SettingsInvalidError([
        { variable: 'SCYTHE_WORKER_DOES_FAN or SCYTHE_WORKER_DOES_LEAF', value: 'false', expected },
      ])
    }
  }

  /** Returns the labels that are on. */
  get labels(): WorkerLabels {
    return workerLabels(this)
  }

  /**
   * Returns the number of concurrent leaf tasks: `slots`, otherwise one for each CPU that this
   * process may use, minus one from 8 CPUs on.
   */
  get computedSlots(): number {
    return workerSlots(this)
  }

  /** Returns the number of concurrent durable tasks. */
  get computedDurableSlots(): number {
    return this.durableSlots
  }

  /**
   * Returns `name`, otherwise `ScytheWorker--` followed by a name from the host's variables:
   * `AWSBatch0001`, `AWSCopilotPROD`, `FlyIAD` or `Local`.
   */
  get computedName(): string {
    return workerName(this, this.#host)
  }

  /**
   * Serves experiments until the worker is told to stop: by SIGTERM or SIGINT, after `lifetime`, or
   * after `idleExit` without a task. Resolves when the worker has shut down: it accepted no more
   * work, running tasks had `drain` to end, and the rest was requeued. A second signal ends the
   * process at once. An engine's client may keep the process running afterwards: end it with
   * `process.exit()`.
   *
   * Rejects if the engine sends the worker no more tasks, and with `SettingsInvalidError` if there
   * is nothing to do or the port of `/health` is taken. In a process that runs specs, this method
   * does nothing and its promise stays pending.
   */
  async start({ experiments = [], additionalWorkflows = [], engine }: StartWorkerOptions = {}): Promise<void> {
    // This runs before anything is awaited, because the caller's module is found on the stack.
    registerMore(experiments)
    if (inPoolProcess()) return parkPoolProcess()
    // Processes that run specs import this class, too, and never reach this line.
    const { runWorker } = await import('./run-worker.js')
    await runWorker(this, { additionalWorkflows, ...(engine && { engine }) })
  }

  /**
   * Returns every setting with its effective value, and the labels that follow from the settings.
   */
  describe(): ShownSetting[] {
    const inEffect = { ...this, name: this.computedName, slots: this.computedSlots }
    const settings = showSettings(WORKER_SETTINGS, inEffect, this.#env).map((shown): ShownSetting => {
      const name = shown.setting as keyof WorkerSettings
      if (inEffect[name] !== this[name]) return { ...shown, from: 'worked out' }
      return this.#options[name] === undefined ? shown : { ...shown, from: 'option' }
    })
    const labels = Object.keys(this.labels).join(', ') || 'none'
    return [...settings, { setting: 'labels', variable: undefined, value: labels, from: 'worked out' }]
  }
}
