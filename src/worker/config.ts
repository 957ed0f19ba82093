import type { Engine } from '../engine/engine.js'
import { inPoolProcess, parkPoolProcess } from '../execute/child/pool-process.js'
import { type WorkerLabels, workerLabels } from '../experiment/labels.js'
import type { IncludedWorkflow } from '../experiment/registry.js'
import { formatDuration } from '../settings/duration.js'
import { type Environment, SettingsInvalidError } from '../settings/environment.js'
import {
  type HostSettings,
  WORKER_VARIABLE_OF,
  type WorkerSettings,
  workerName,
  workerSettings,
  workerSlots,
} from '../settings/worker.js'
import { registerMore, type WorkerExperiment } from './more-experiments.js'

const TIMES = ['drain', 'idleExit', 'lifetime'] as const
type Time = (typeof TIMES)[number]

/** A worker's settings as they are handed in. Times: `"90s"`, `"1h30m"`, or ms. */
export type WorkerConfigOptions = Partial<
  Omit<WorkerSettings, Time> & Readonly<Record<Time, string | number | undefined>>
>

export interface StartWorkerOptions {
  /** Experiments beside those that are registered already: registered functions, or functions to register. */
  readonly experiments?: readonly WorkerExperiment[]
  /** Hatchet workflows and tasks to serve, beside those that were included in the registry. */
  readonly additionalWorkflows?: readonly IncludedWorkflow[]
  /** Where work comes from; stays open. Default: what `SCYTHE_ENGINE` says, else Hatchet. */
  readonly engine?: Engine
}

/** A setting as `scythe worker --show` prints it. */
export interface ShownSetting {
  readonly setting: string
  /** The variable that sets it; `undefined` for what is worked out from others. */
  readonly variable: string | undefined
  readonly value: string
  /** Where the value comes from; `worked out` of the machine, the host and other settings. */
  readonly from: 'option' | 'environment' | 'default' | 'worked out'
}

/**
 * A worker's settings: options of the constructor first, then `SCYTHE_WORKER_…` variables, then defaults. Throws
 * `SettingsInvalidError` (`SETTINGS_INVALID`) with all that are wrong.
 */
export class ScytheWorkerConfig implements WorkerSettings {
  readonly name: string | undefined
  readonly slots: number | undefined
  readonly durableSlots: number
  readonly highMemory: boolean
  readonly highCpu: boolean
  readonly hasGpu: boolean
  readonly doesFan: boolean
  readonly doesLeaf: boolean
  readonly drain: number
  readonly idleExit: number | undefined
  readonly lifetime: number | undefined
  readonly healthPort: number | undefined
  readonly healthHost: string
  readonly stores: readonly string[]
  readonly passEnv: readonly string[]
  readonly experimentModules: readonly string[]
  readonly #host: HostSettings
  readonly #sources: ReadonlyMap<string, ShownSetting['from']>

  constructor(options: WorkerConfigOptions = {}, env: Environment = process.env) {
    const { host, ...settings } = workerSettings({ ...env, ...asVariables(options) })
    this.name = settings.name
    this.slots = settings.slots
    this.durableSlots = settings.durableSlots
    this.highMemory = settings.highMemory
    this.highCpu = settings.highCpu
    this.hasGpu = settings.hasGpu
    this.doesFan = settings.doesFan
    this.doesLeaf = settings.doesLeaf
    this.drain = settings.drain
    this.idleExit = settings.idleExit
    this.lifetime = settings.lifetime
    this.healthPort = settings.healthPort
    this.healthHost = settings.healthHost
    this.stores = settings.stores
    this.passEnv = settings.passEnv
    this.experimentModules = settings.experimentModules
    this.#host = host
    this.#sources = new Map(
      entriesOf(WORKER_VARIABLE_OF).map(([setting, variable]) => {
        return [setting, options[setting] !== undefined ? 'option' : env[variable] ? 'environment' : 'default']
      }),
    )
    if (!this.doesFan && !this.doesLeaf) {
      const expected = 'true, since the worker would have nothing to do otherwise'
      throw new SettingsInvalidError([
        { variable: 'SCYTHE_WORKER_DOES_FAN or SCYTHE_WORKER_DOES_LEAF', value: 'false', expected },
      ])
    }
  }

  /** The labels that are on. */
  get labels(): WorkerLabels {
    return workerLabels(this)
  }

  /** Leaf tasks at a time: `slots`, else one for each CPU that this process may use, less one from 8 CPUs on. */
  get computedSlots(): number {
    return workerSlots(this)
  }

  /** Durable tasks at a time. */
  get computedDurableSlots(): number {
    return this.durableSlots
  }

  /** `name`, else `ScytheWorker--` and what the host's variables tell: `AWSBatch0001`, `AWSCopilotPROD`, `FlyIAD` or `Local`. */
  get computedName(): string {
    return workerName(this, this.#host)
  }

  /**
   * Serves experiments until it is told to stop: by SIGTERM or SIGINT, after `lifetime`, or `idleExit` without a task. Resolves when
   * it has left in good order: no more work taken, what ran had `drain` to end, and the rest was handed back. A second signal ends
   * the process at once. An engine's client may keep the process running afterwards: end it with `process.exit()`.
   *
   * Rejects where the engine feeds it no more, and with `SettingsInvalidError` where there is nothing to do or the port of
   * `/health` is taken. In a process that runs specs it does nothing and stays open.
   */
  async start({ experiments = [], additionalWorkflows = [], engine }: StartWorkerOptions = {}): Promise<void> {
    // Before anything is awaited: the caller's module is found on the stack.
    registerMore(experiments)
    if (inPoolProcess()) return parkPoolProcess()
    // Processes that run specs import this class too, and never come here.
    const { runWorker } = await import('./run-worker.js')
    await runWorker(this, { additionalWorkflows, ...(engine && { engine }) })
  }

  /** Every setting as it is in effect, and the labels that come of them. */
  describe(): ShownSetting[] {
    const inEffect = { ...this, name: this.computedName, slots: this.computedSlots }
    const settings = entriesOf(WORKER_VARIABLE_OF).map(([setting, variable]): ShownSetting => {
      const value = inEffect[setting]
      const from = value === this[setting] ? this.#sources.get(setting)! : 'worked out'
      return { setting, variable, value: asText(setting, value), from }
    })
    const labels = Object.keys(this.labels).join(', ')
    return [...settings, { setting: 'labels', variable: undefined, value: labels, from: 'worked out' }]
  }
}

/** Options are checked as the variables they stand for are. */
function asVariables(options: WorkerConfigOptions): Record<string, string> {
  const given = entriesOf(WORKER_VARIABLE_OF).filter(([setting]) => options[setting] !== undefined)
  return Object.fromEntries(given.map(([setting, variable]) => [variable, asText(setting, options[setting])]))
}

/** As its variable has it. */
function asText(setting: keyof WorkerSettings, value: WorkerConfigOptions[keyof WorkerSettings]): string {
  if (typeof value === 'number' && TIMES.includes(setting as Time)) return formatDuration(value)
  return value === undefined ? '' : String(value)
}

function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][]
}
