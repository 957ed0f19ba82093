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

/** A worker's settings as they are handed in. Times: `"90s"`, `"1h30m"`, or ms. */
export type WorkerConfigOptions = OptionsOf<typeof WORKER_SETTINGS>

export interface StartWorkerOptions {
  /**
   * Experiments beside those that are registered already: registered functions, or functions to
   * register.
   */
  readonly experiments?: readonly WorkerExperiment[]
  /** Hatchet workflows and tasks to serve, beside those that were included in the registry. */
  readonly additionalWorkflows?: readonly IncludedWorkflow[]
  /** Where work comes from; stays open. Default: what `SCYTHE_ENGINE` says, else Hatchet. */
  readonly engine?: Engine
}

/** Has every setting as a property: the class below gets them from their declarations. */
const WithSettings = class {
  constructor(settings: WorkerSettings) {
    Object.assign(this, settings)
  }
} as new (
  settings: WorkerSettings,
) => WorkerSettings

/**
 * Holds the settings of a worker: options come first, then `SCYTHE_WORKER_…` variables, then
 * defaults. docs/settings.md says what each means.
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
   * Returns leaf tasks at a time: `slots`, else one for each CPU that this process may use, less
   * one from 8 CPUs on.
   */
  get computedSlots(): number {
    return workerSlots(this)
  }

  /** Returns durable tasks at a time. */
  get computedDurableSlots(): number {
    return this.durableSlots
  }

  /**
   * Returns `name`, else `ScytheWorker--` and what the host's variables tell: `AWSBatch0001`,
   * `AWSCopilotPROD`, `FlyIAD` or `Local`.
   */
  get computedName(): string {
    return workerName(this, this.#host)
  }

  /**
   * Serves experiments until it is told to stop: by SIGTERM or SIGINT, after `lifetime`, or
   * `idleExit` without a task. Resolves when it has left in good order: it took no more work,
   * running tasks had `drain` to end, and the rest was requeued. A second signal ends the process
   * at once. An engine's client may keep the process running afterwards: end it with
   * `process.exit()`.
   *
   * Rejects if the engine gives it no more work, and with `SettingsInvalidError` if there is
   * nothing to do or the port of `/health` is taken. In a process that runs specs it does nothing
   * and stays open.
   */
  async start({ experiments = [], additionalWorkflows = [], engine }: StartWorkerOptions = {}): Promise<void> {
    // Before anything is awaited: the caller's module is found on the stack.
    registerMore(experiments)
    if (inPoolProcess()) return parkPoolProcess()
    // Processes that run specs import this class too, and never come here.
    const { runWorker } = await import('./run-worker.js')
    await runWorker(this, { additionalWorkflows, ...(engine && { engine }) })
  }

  /** Returns every setting with the value that counts, and the labels that follow from them. */
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
