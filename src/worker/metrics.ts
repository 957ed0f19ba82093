import type { TaskCounters } from './task-counters.js'

/** The metrics that `/metrics` serves to Prometheus. */
export interface Metrics {
  readonly contentType: string
  text(): Promise<string>
}

export interface Measured {
  readonly tally: TaskCounters
  /** Maximum number of concurrent tasks, by kind. */
  readonly slots: { readonly leaf: number; readonly fan: number }
  readonly info: Readonly<Record<'name' | 'version' | 'node', string>>
  isHealthy(): boolean
}

/** Creates the metrics. Loads the library of Prometheus only if the endpoint is open. */
export async function createMetrics({ tally, slots, info, isHealthy }: Measured): Promise<Metrics> {
  const { Counter, collectDefaultMetrics, Gauge, Registry } = await import('prom-client')
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  new Gauge({
    name: 'scythe_worker_info',
    help: 'Always 1; the labels say which worker this is, and its versions.',
    labelNames: Object.keys(info),
    registers,
  }).set(info, 1)
  new Gauge({
    name: 'scythe_worker_healthy',
    help: '1 where this worker can take work, else 0.',
    registers,
    collect() {
      this.set(isHealthy() ? 1 : 0)
    },
  })
  const room = new Gauge({
    name: 'scythe_worker_slots',
    help: 'Tasks that this worker takes at once.',
    labelNames: ['kind'],
    registers,
  })
  for (const [kind, limit] of Object.entries(slots)) room.set({ kind }, limit)
  new Gauge({
    name: 'scythe_worker_tasks_in_hand',
    help: 'Tasks that this worker has in hand now.',
    labelNames: ['kind'],
    registers,
    collect() {
      for (const [kind, count] of Object.entries(tally.inFlight)) this.set({ kind }, count)
    },
  })
  new Counter({
    name: 'scythe_worker_tasks_total',
    help: 'Tasks that have ended here: done, failed, stopped, or forbidden.',
    labelNames: ['kind', 'outcome'],
    registers,
    collect() {
      this.reset()
      for (const [kind, outcomes] of Object.entries(tally.tasks)) {
        for (const [outcome, count] of Object.entries(outcomes)) this.inc({ kind, outcome }, count)
      }
    },
  })
  new Counter({
    name: 'scythe_worker_specs_total',
    help: 'Specs that were run here. One that was run again counts again.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset()
      this.inc({ outcome: 'result' }, tally.specs.results)
      this.inc({ outcome: 'error' }, tally.specs.errors)
    },
  })
  return { contentType: registry.contentType, text: () => registry.metrics() }
}
