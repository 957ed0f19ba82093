import { formatDuration } from '../settings/duration.js'
import type { WorkerFacts } from './endpoint.js'

/** Lines for whoever looks after the worker. */
export function say(text: string): void {
  process.stderr.write(`scythe: ${text}\n`)
}

export interface StartDetails extends WorkerFacts {
  /** Of the engine's own kind, beside the experiments. */
  readonly workflows: readonly string[]
  readonly store: string
  readonly healthPort: number | undefined
}

/** What a worker says when it begins to serve. */
export function startText({ name, slots, labels, roles, healthPort, ...rest }: StartDetails): string {
  const lines = {
    slots: slots.leaf,
    'durable slots': slots.fan,
    labels: Object.keys(labels).join(', ') || 'none',
    roles: roles.join(', '),
    experiments: rest.experiments.join(', ') || 'none',
    ...(rest.workflows.length > 0 ? { workflows: rest.workflows.join(', ') } : {}),
    engine: rest.engine,
    store: rest.store,
    health: healthPort === undefined ? 'off' : `http://localhost:${healthPort}/health`,
  }
  const shown = Object.entries(lines).map(([title, value]) => `\n  ${title.padEnd('durable slots'.length)}  ${value}`)
  return `worker ${name} is ready${shown.join('')}`
}

/** What it says when it leaves. */
export function stopText(reason: string, busy: number, drain: number): string {
  const tasks = busy === 1 ? '1 task' : `${busy} tasks`
  const work = busy === 0 ? 'no task in hand' : `finishing ${tasks}, at most ${formatDuration(drain)}`
  return `stopping: ${work} (${reason})`
}
