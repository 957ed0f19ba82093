import { currentTroubles, troubleText } from '../store/troubles.js'
import { type Check, type Health, watchHealth } from './health.js'
import { type HealthAddress, type HealthReport, serveHealth } from './health-server.js'
import { createMetrics } from './metrics.js'
import type { TaskCounters } from './task-counters.js'
import { packageVersion } from './version.js'

/** The properties of a worker that its endpoint reports. */
export interface WorkerFacts {
  readonly name: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly roles: readonly string[]
  /** Maximum number of concurrent tasks, by kind. */
  readonly slots: { readonly leaf: number; readonly fan: number }
  readonly experiments: readonly string[]
  readonly engine: string
}

/** The endpoint through which a worker is monitored. */
export interface Endpoint {
  readonly port: number
  /**
   * Records that the worker serves tasks. From then on, it is healthy if these checks find no
   * problems.
   */
  serving(checks: readonly Check[]): void
  stopping(): void
  close(): Promise<void>
}

/**
 * Opens `/health` and `/metrics`. Rejects with `SettingsInvalidError` if the address is not
 * available.
 */
export async function openEndpoint(address: HealthAddress, facts: WorkerFacts, tally: TaskCounters): Promise<Endpoint> {
  const startedAt = performance.now()
  const versions = { scythe: packageVersion(), node: process.versions.node }
  let health: Health | undefined
  let reasons = () => ['starting']
  const warnings = () => [
    ...(health?.warnings() ?? []),
    ...currentTroubles().map((trouble) => troubleText(trouble, false)),
  ]

  function report(): HealthReport {
    const found = reasons()
    const { leaf, fan, single } = tally.inFlight
    return {
      status: found.length === 0 ? 'ok' : 'failing',
      reasons: found,
      warnings: warnings(),
      ...facts,
      slots: {
        leaf: { inUse: leaf + single, limit: facts.slots.leaf },
        fan: { inUse: fan, limit: facts.slots.fan },
      },
      uptime: Math.round((performance.now() - startedAt) / 1000),
      versions,
    }
  }

  const metrics = await createMetrics({
    tally,
    slots: facts.slots,
    info: { name: facts.name, version: versions.scythe, node: versions.node },
    isHealthy: () => reasons().length === 0,
  })
  const server = await serveHealth(address, report, metrics)
  return {
    port: server.port,
    serving(checks) {
      health = watchHealth(checks)
      reasons = health.reasons
    },
    stopping() {
      health?.close()
      reasons = () => ['stopping']
    },
    async close() {
      health?.close()
      await server.close()
    },
  }
}
