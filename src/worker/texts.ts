import type { Refusal } from '../engine/engine.js'
import { formatDuration } from '../settings/duration.js'
import type { WorkerFacts } from './endpoint.js'
import type { HealthAddress } from './health-server.js'

export interface StartDetails extends WorkerFacts {
  /** Names of the workflows of the engine's own kind, served in addition to the experiments. */
  readonly workflows: readonly string[]
  /** Addresses of the stores, the worker's own store first. */
  readonly stores: readonly string[]
  readonly health: HealthAddress | undefined
}

/** Returns the log message of a worker that starts to serve. */
export function startText({ name, slots, labels, roles, health, ...rest }: StartDetails): string {
  const lines = {
    slots: slots.leaf,
    'durable slots': slots.fan,
    labels: Object.keys(labels).join(', ') || 'none',
    roles: roles.join(', '),
    experiments: rest.experiments.join(', ') || 'none',
    ...(rest.workflows.length > 0 ? { workflows: rest.workflows.join(', ') } : {}),
    engine: rest.engine,
    store: rest.stores.join(', '),
    health: health ? healthUrl(health) : 'off',
  }
  const shown = Object.entries(lines).map(([title, value]) => `\n  ${title.padEnd('durable slots'.length)}  ${value}`)
  return `worker ${name} is ready${shown.join('')}`
}

/** Returns the URL of `/health` for requests from the same machine. */
function healthUrl({ host, port }: HealthAddress): string {
  const isAny = ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(host)
  return `http://${isAny ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}/health`
}

/** Returns the log message of a worker that refuses work which other workers may do. */
export function refusalText(worker: string, { run, experiment, error, pause }: Refusal): string {
  const what = pause === undefined ? `no more of ${run}` : `nothing of ${experiment} for ${formatDuration(pause)}`
  return `worker ${worker} takes ${what}, which goes to others: ${error.message}`
}

/** Returns the log message of a worker that shuts down. */
export function stopText(reason: string, busy: number, drain: number): string {
  const tasks = busy === 1 ? '1 task' : `${busy} tasks`
  const work = busy === 0 ? 'no task in hand' : `finishing ${tasks}, at most ${formatDuration(drain)}`
  return `stopping: ${work} (${reason})`
}
