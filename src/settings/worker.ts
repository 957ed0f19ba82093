import { makeExactValidator } from 'envalid'
import { duration, type Environment, flag, plainName, readEnvironment, wholeNumber } from './environment.js'
import { usableCpus } from './machine.js'

/** A worker as it is set up. `undefined` is worked out from the machine and the host. */
export interface WorkerSettings {
  /** Default: named after the host. */
  readonly name: string | undefined
  /** Leaf tasks at a time. Default: one a CPU, less one from 8 CPUs on. */
  readonly slots: number | undefined
  /** Durable tasks, which wait for others, at a time. Default 1000. */
  readonly durableSlots: number
  /** Labels. Default: none of them. */
  readonly highMemory: boolean
  readonly highCpu: boolean
  readonly hasGpu: boolean
  /** Takes tasks that scatter and gather. Default true. */
  readonly doesFan: boolean
  /** Takes tasks that run experiments. Default true. */
  readonly doesLeaf: boolean
  /** How long tasks in hand may go on when the worker stops, in ms. Default 25 s: hosts give 30 s. */
  readonly drain: number
  /** Stops after so many ms without a task. Default: never. */
  readonly idleExit: number | undefined
  /** Stops after so many ms. Default: never. */
  readonly lifetime: number | undefined
  /** Where `/health` and `/metrics` are served; 0: any free port. Default: nowhere. */
  readonly healthPort: number | undefined
  /** Where they are served: a name or an address of this machine. Default `127.0.0.1`. */
  readonly healthHost: string
  /** Stores that tasks may name beside this worker's own. Default: none. */
  readonly stores: readonly string[]
  /** Variables that processes which run specs have, although they are secrets. Default: none. */
  readonly passEnv: readonly string[]
  /** What `scythe worker` imports: folders and modules, from where it is started. Default `./experiments`. */
  readonly experimentModules: readonly string[]
}

/** Where a worker stands, as its host's variables tell. */
export interface HostSettings {
  readonly awsBatchIndex: number | undefined
  readonly copilotEnvironment: string | undefined
  readonly flyRegion: string | undefined
}

const port = makeExactValidator<number>((text) => {
  const number = Number(text)
  if (/^\s*\d+\s*$/.test(text) && number < 2 ** 16) return number
  throw new Error('a port from 1 to 65535, or 0 for any that is free')
})

function list(what: string, isOne: (item: string) => boolean = (item) => item !== '') {
  return makeExactValidator<readonly string[]>((text) => {
    const found = text.split(',').map((item) => item.trim())
    if (found.every(isOne)) return found
    throw new Error(`${what}, separated by commas`)
  })
}

const places = list('folders and modules')
const stores = list('addresses of stores, as s3://bucket/prefix or a folder')
const variables = list('names of variables', (name) => /^\w+$/.test(name))

const host = makeExactValidator<string>((text) => {
  if (/^[\w.:%-]+$/.test(text)) return text
  throw new Error('an address of this machine such as 127.0.0.1, or 0.0.0.0 or :: for all of them')
})

/** A slot is a process. */
const MOST_SLOTS = 10_000
const MOST_DURABLE_SLOTS = 1_000_000

export const WORKER_VARIABLES = {
  SCYTHE_WORKER_NAME: plainName({ default: undefined }),
  SCYTHE_WORKER_SLOTS: wholeNumber(1, MOST_SLOTS)({ default: undefined }),
  SCYTHE_WORKER_DURABLE_SLOTS: wholeNumber(1, MOST_DURABLE_SLOTS)({ default: 1000 }),
  SCYTHE_WORKER_HIGH_MEMORY: flag({ default: false }),
  SCYTHE_WORKER_HIGH_CPU: flag({ default: false }),
  SCYTHE_WORKER_HAS_GPU: flag({ default: false }),
  SCYTHE_WORKER_DOES_FAN: flag({ default: true }),
  SCYTHE_WORKER_DOES_LEAF: flag({ default: true }),
  SCYTHE_WORKER_DRAIN: duration({ default: 25_000 }),
  SCYTHE_WORKER_IDLE_EXIT: duration({ default: undefined }),
  SCYTHE_WORKER_LIFETIME: duration({ default: undefined }),
  SCYTHE_WORKER_HEALTH_PORT: port({ default: undefined }),
  SCYTHE_WORKER_HEALTH_HOST: host({ default: '127.0.0.1' }),
  SCYTHE_WORKER_STORES: stores({ default: [] }),
  SCYTHE_WORKER_PASS_ENV: variables({ default: [] }),
  SCYTHE_WORKER_EXPERIMENTS: places({ default: ['./experiments'] }),
}

/** They become parts of a worker's name. */
const HOST_VARIABLES = {
  AWS_BATCH_JOB_ARRAY_INDEX: wholeNumber(0, 999_999)({ default: undefined }),
  COPILOT_ENVIRONMENT_NAME: plainName({ default: undefined }),
  FLY_REGION: plainName({ default: undefined }),
}

/** Which variable is which setting. */
export const WORKER_VARIABLE_OF: Readonly<Record<keyof WorkerSettings, keyof typeof WORKER_VARIABLES>> = {
  name: 'SCYTHE_WORKER_NAME',
  slots: 'SCYTHE_WORKER_SLOTS',
  durableSlots: 'SCYTHE_WORKER_DURABLE_SLOTS',
  highMemory: 'SCYTHE_WORKER_HIGH_MEMORY',
  highCpu: 'SCYTHE_WORKER_HIGH_CPU',
  hasGpu: 'SCYTHE_WORKER_HAS_GPU',
  doesFan: 'SCYTHE_WORKER_DOES_FAN',
  doesLeaf: 'SCYTHE_WORKER_DOES_LEAF',
  drain: 'SCYTHE_WORKER_DRAIN',
  idleExit: 'SCYTHE_WORKER_IDLE_EXIT',
  lifetime: 'SCYTHE_WORKER_LIFETIME',
  healthPort: 'SCYTHE_WORKER_HEALTH_PORT',
  healthHost: 'SCYTHE_WORKER_HEALTH_HOST',
  stores: 'SCYTHE_WORKER_STORES',
  passEnv: 'SCYTHE_WORKER_PASS_ENV',
  experimentModules: 'SCYTHE_WORKER_EXPERIMENTS',
}

/** Throws `SettingsInvalidError` with every variable that is wrong. */
export function workerSettings(env: Environment): WorkerSettings & { readonly host: HostSettings } {
  const values = readEnvironment({ ...WORKER_VARIABLES, ...HOST_VARIABLES }, env)
  return {
    name: values.SCYTHE_WORKER_NAME,
    slots: values.SCYTHE_WORKER_SLOTS,
    durableSlots: values.SCYTHE_WORKER_DURABLE_SLOTS,
    highMemory: values.SCYTHE_WORKER_HIGH_MEMORY,
    highCpu: values.SCYTHE_WORKER_HIGH_CPU,
    hasGpu: values.SCYTHE_WORKER_HAS_GPU,
    doesFan: values.SCYTHE_WORKER_DOES_FAN,
    doesLeaf: values.SCYTHE_WORKER_DOES_LEAF,
    drain: values.SCYTHE_WORKER_DRAIN,
    idleExit: values.SCYTHE_WORKER_IDLE_EXIT,
    lifetime: values.SCYTHE_WORKER_LIFETIME,
    healthPort: values.SCYTHE_WORKER_HEALTH_PORT,
    healthHost: values.SCYTHE_WORKER_HEALTH_HOST,
    stores: values.SCYTHE_WORKER_STORES,
    passEnv: values.SCYTHE_WORKER_PASS_ENV,
    experimentModules: values.SCYTHE_WORKER_EXPERIMENTS,
    host: {
      awsBatchIndex: values.AWS_BATCH_JOB_ARRAY_INDEX,
      copilotEnvironment: values.COPILOT_ENVIRONMENT_NAME,
      flyRegion: values.FLY_REGION,
    },
  }
}

/** Leaf tasks at a time: `slots`, else one for each CPU that this process may use, less one from 8 CPUs on. */
export function workerSlots({ slots }: Pick<WorkerSettings, 'slots'>): number {
  return slots ?? slotsFor(usableCpus())
}

/** `name`, else `ScytheWorker--` and what the host's variables tell. */
export function workerName({ name }: Pick<WorkerSettings, 'name'>, host: HostSettings): string {
  return name ?? `ScytheWorker--${hostName(host)}`
}

/** The rule of Python Scythe: a large machine keeps one CPU for what is not the user's. */
export function slotsFor(cpus: number): number {
  return cpus < 8 ? cpus : cpus - 1
}

function hostName({ awsBatchIndex, copilotEnvironment, flyRegion }: HostSettings): string {
  const batch = awsBatchIndex === undefined ? '' : `Batch${String(awsBatchIndex).padStart(4, '0')}`
  const copilot = copilotEnvironment === undefined ? '' : `Copilot${copilotEnvironment.toUpperCase()}`
  if (batch || copilot) return `AWS${batch}${copilot}`
  return flyRegion === undefined ? 'Local' : `Fly${flyRegion.toUpperCase()}`
}
