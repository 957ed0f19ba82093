import { type Environment, readSettings, settingType, type ValuesOf } from './environment.js'
import { usableCpus } from './machine.js'
import { duration, flag, list, plainName, wholeNumber } from './types.js'

const port = settingType<number>((text) => {
  const number = Number(text)
  if (/^\s*\d+\s*$/.test(text) && number < 2 ** 16) return number
  throw new Error('a port from 1 to 65535, or 0 for any that is free')
})

const host = settingType<string>((text) => {
  if (/^[\w.:%-]+$/.test(text)) return text
  throw new Error('an address of this machine such as 127.0.0.1, or 0.0.0.0 or :: for all of them')
})

/** The maximum number of slots; each slot is a process. */
const MOST_SLOTS = 10_000
const MOST_DURABLE_SLOTS = 1_000_000

export const WORKER_SETTINGS = {
  name: plainName({
    variable: 'SCYTHE_WORKER_NAME',
    otherwise: 'after the host',
    doc: 'what the worker is called: letters, digits, `.`, `-`, `_`',
  }),
  slots: wholeNumber(
    1,
    MOST_SLOTS,
  )({
    variable: 'SCYTHE_WORKER_SLOTS',
    otherwise: 'processors, one less from 8 on',
    doc: 'specs at once, each in a process of its own; up to 10,000',
  }),
  durableSlots: wholeNumber(
    1,
    MOST_DURABLE_SLOTS,
  )({
    variable: 'SCYTHE_WORKER_DURABLE_SLOTS',
    default: 1000,
    doc: 'fans at once; they mostly wait; up to 1,000,000',
  }),
  highMemory: flag({
    variable: 'SCYTHE_WORKER_HIGH_MEMORY',
    default: false,
    doc: 'the [label](labels.md) `high_memory`',
  }),
  highCpu: flag({
    variable: 'SCYTHE_WORKER_HIGH_CPU',
    default: false,
    doc: 'the [label](labels.md) `high_cpu`',
  }),
  hasGpu: flag({
    variable: 'SCYTHE_WORKER_HAS_GPU',
    default: false,
    doc: 'the [label](labels.md) `has_gpu`',
  }),
  doesFan: flag({
    variable: 'SCYTHE_WORKER_DOES_FAN',
    default: true,
    doc: 'whether it takes [fans](workers-and-roles.md#roles)',
  }),
  doesLeaf: flag({
    variable: 'SCYTHE_WORKER_DOES_LEAF',
    default: true,
    doc: 'whether it runs [specs](workers-and-roles.md#roles)',
  }),
  drain: duration({
    variable: 'SCYTHE_WORKER_DRAIN',
    default: 25_000,
    doc: 'how long running work may go on when the worker [stops](stopping.md); hosts give 30 seconds',
  }),
  idleExit: duration({
    variable: 'SCYTHE_WORKER_IDLE_EXIT',
    otherwise: 'never',
    doc: 'the worker leaves after so long without work',
  }),
  lifetime: duration({
    variable: 'SCYTHE_WORKER_LIFETIME',
    otherwise: 'never',
    doc: 'the worker leaves after so long',
  }),
  healthPort: port({
    variable: 'SCYTHE_WORKER_HEALTH_PORT',
    otherwise: 'none',
    doc: 'the port of [`/health` and `/metrics`](health.md); 0 is any free port',
  }),
  healthHost: host({
    variable: 'SCYTHE_WORKER_HEALTH_HOST',
    default: '127.0.0.1',
    doc: 'the name or address of this machine that `/health` and `/metrics` are served at',
  }),
  stores: list('addresses of stores, as s3://bucket/prefix or a folder')({
    variable: 'SCYTHE_WORKER_STORES',
    default: [],
    otherwise: 'none',
    doc: "stores that tasks may name beside the worker's own, separated by commas",
  }),
  passEnv: list('names of variables', (name) => /^\w+$/.test(name))({
    variable: 'SCYTHE_WORKER_PASS_ENV',
    default: [],
    otherwise: 'none',
    doc: 'secrets that [specs may see](workers-and-roles.md#what-a-worker-does-for-nobody): names of variables, separated by commas',
  }),
  experimentModules: list('folders and modules')({
    variable: 'SCYTHE_WORKER_EXPERIMENTS',
    default: ['./experiments'],
    doc: 'folders and modules that `scythe worker` imports, separated by commas, in TypeScript or JavaScript',
  }),
}

/**
 * The settings of a worker. A value that is `undefined` is derived from the machine and the host.
 */
export type WorkerSettings = ValuesOf<typeof WORKER_SETTINGS>

/** Variables of hosts that become parts of a worker's name. */
const HOST_SETTINGS = {
  awsBatchIndex: wholeNumber(
    0,
    999_999,
  )({ variable: 'AWS_BATCH_JOB_ARRAY_INDEX', otherwise: 'none', doc: 'set by AWS Batch' }),
  copilotEnvironment: plainName({ variable: 'COPILOT_ENVIRONMENT_NAME', otherwise: 'none', doc: 'set by AWS Copilot' }),
  flyRegion: plainName({ variable: 'FLY_REGION', otherwise: 'none', doc: 'set by Fly.io' }),
}

/** The place where a worker runs. */
export type HostSettings = ValuesOf<typeof HOST_SETTINGS>

/**
 * Returns the settings of a worker from the environment. Throws `SettingsInvalidError` with every
 * invalid variable.
 */
export function workerSettings(env: Environment): WorkerSettings & { readonly host: HostSettings } {
  const { awsBatchIndex, copilotEnvironment, flyRegion, ...settings } = readSettings(
    { ...WORKER_SETTINGS, ...HOST_SETTINGS },
    env,
  )
  return { ...settings, host: { awsBatchIndex, copilotEnvironment, flyRegion } }
}

/**
 * Returns the number of leaf tasks that run at a time: `slots`. Default: one for each CPU that this
 * process may use, less one from 8 CPUs on.
 */
export function workerSlots({ slots }: Pick<WorkerSettings, 'slots'>): number {
  return slots ?? slotsFor(usableCpus())
}

/** Returns `name`. Default: `ScytheWorker--` and the values of the host's variables. */
export function workerName({ name }: Pick<WorkerSettings, 'name'>, host: HostSettings): string {
  return name ?? `ScytheWorker--${hostName(host)}`
}

/**
 * Returns the number of slots that Python Scythe has for this number of CPUs: a large machine keeps
 * one CPU for the system.
 */
export function slotsFor(cpus: number): number {
  return cpus < 8 ? cpus : cpus - 1
}

function hostName({ awsBatchIndex, copilotEnvironment, flyRegion }: HostSettings): string {
  const batch = awsBatchIndex === undefined ? '' : `Batch${String(awsBatchIndex).padStart(4, '0')}`
  const copilot = copilotEnvironment === undefined ? '' : `Copilot${copilotEnvironment.toUpperCase()}`
  if (batch || copilot) return `AWS${batch}${copilot}`
  return flyRegion === undefined ? 'Local' : `Fly${flyRegion.toUpperCase()}`
}
