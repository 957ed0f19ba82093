import { type WorkerLabels, workerLabels } from '../experiment/labels.js'
import { type Environment, SettingsInvalidError } from '../settings/environment.js'
import {
  type HostSettings,
  WORKER_VARIABLE_OF,
  type WorkerSettings,
  workerName,
  workerSettings,
  workerSlots,
} from '../settings/worker.js'

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
  readonly #host: HostSettings
  readonly #sources: ReadonlyMap<string, ShownSetting['from']>

  constructor(options: Partial<WorkerSettings> = {}, env: Environment = process.env) {
    const { host, ...settings } = workerSettings({ ...env, ...asVariables(options) })
    this.name = settings.name
    this.slots = settings.slots
    this.durableSlots = settings.durableSlots
    this.highMemory = settings.highMemory
    this.highCpu = settings.highCpu
    this.hasGpu = settings.hasGpu
    this.doesFan = settings.doesFan
    this.doesLeaf = settings.doesLeaf
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

  /** Every setting as it is in effect, and the labels that come of them. */
  describe(): ShownSetting[] {
    const inEffect = { ...this, name: this.computedName, slots: this.computedSlots }
    const settings = entriesOf(WORKER_VARIABLE_OF).map(([setting, variable]): ShownSetting => {
      const from = this[setting] === undefined ? 'worked out' : this.#sources.get(setting)!
      return { setting, variable, value: String(inEffect[setting]), from }
    })
    const labels = Object.keys(this.labels).join(', ')
    return [...settings, { setting: 'labels', variable: undefined, value: labels, from: 'worked out' }]
  }
}

/** Options are checked as the variables they stand for are. */
function asVariables(options: Partial<WorkerSettings>): Record<string, string> {
  const given = entriesOf(WORKER_VARIABLE_OF).filter(([setting]) => options[setting] !== undefined)
  return Object.fromEntries(given.map(([setting, variable]) => [variable, String(options[setting])]))
}

function entriesOf<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][]
}
