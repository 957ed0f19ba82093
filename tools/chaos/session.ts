import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { whyNoEngine } from '../engine/build.js'
import { whyNoS3Server } from '../s3/build.js'
import { type FaultProxy, startFaultProxy } from '../s3/fault-proxy.js'
import { type S3Server, startS3Server } from '../s3/server.js'
import type { EngineName, Fault } from './faults/fault.js'
import { faultsFor } from './faults.js'
import { startFleet } from './fleet.js'
import { folderPlace, type Place, whyNoMount } from './place.js'
import { type Reference, referenceOf } from './reference.js'
import { keep, type RunReport, runScenario } from './run.js'
import type { Scenario } from './scenario.js'

/** What all runs of one `scripts/run chaos` have in common. */
export interface Session {
  /** The classes of faults that can strike here. */
  readonly faults: readonly Fault[]
  /** Those that cannot, with the reason. */
  readonly leftOut: ReadonlyMap<string, string>
  run(scenario: Scenario, signal: AbortSignal): Promise<RunReport>
  /** Ends all that runs share, and says what is left of it. */
  close(): Promise<string[]>
}

export interface SessionOptions {
  readonly engine: EngineName
  readonly store: Place['kind']
  /** What is to be kept: failing runs, and what undisturbed ones came to. */
  readonly kept: string
}

/** Why this cannot be had here. `undefined` where it can. */
export async function whyNoSession({ engine, store }: SessionOptions): Promise<string | undefined> {
  return (
    (engine === 'hatchet' ? await whyNoEngine() : undefined) ?? (store === 's3' ? await whyNoS3Server() : undefined)
  )
}

export async function startSession({ engine, store, kept }: SessionOptions): Promise<Session> {
  const work = mkdtempSync(join(tmpdir(), 'scythe-chaos-'))
  // Whoever PostgreSQL runs as has to get through to its own folder.
  chmodSync(work, 0o711)
  const bucket = store === 's3' ? await startBucket(work) : undefined
  // Who verifies reads past the proxy.
  Object.assign(process.env, bucket?.server.env)
  // Each run has a store of its own, in the bucket or in the folder.
  const stores = { SCYTHE_WORKER_STORES: bucket ? `s3://${bucket.server.bucket}` : work }
  const fleet = engine === 'hatchet' ? await startFleet(work, { ...bucket?.env, ...stores }) : undefined
  const noMount = store === 'folder' ? whyNoMount(work) : undefined
  const leftOut = new Map<string, string>()
  const faults = faultsFor(engine, store)
  if (noMount) for (const { name, needsMount } of faults) if (needsMount) leftOut.set(name, noMount)
  if (process.env.DATABASE_URL) leftOut.set('postgres-restart', 'DATABASE_URL names a PostgreSQL of others')
  const references = new Map<number, Promise<Reference>>()

  function placeFor(folder: string, scenario: Scenario): Place {
    if (bucket) return bucketPlace(bucket, `seed-${scenario.seed}`)
    const mounted = scenario.strikes.some(({ fault }) => fault.needsMount && !leftOut.has(fault.name))
    return folderPlace(folder, mounted)
  }

  function reference(mix: number): Promise<Reference> {
    const known = references.get(mix) ?? referenceOf(mix, join(kept, 'reference'), work)
    references.set(mix, known)
    return known
  }

  return {
    faults,
    leftOut,
    async run(drawn, signal) {
      const scenario = { ...drawn, strikes: drawn.strikes.filter(({ fault }) => !leftOut.has(fault.name)) }
      const expected = await reference(scenario.mix)
      const folder = join(work, `seed-${scenario.seed}`)
      mkdirSync(folder)
      const place = placeFor(folder, scenario)
      try {
        const report = await runScenario(scenario, { engine, fleet, work: folder, place, reference: expected, signal })
        if (isWrong(report)) keep(report, place, folder, join(kept, `${scenario.seed}`))
        return report
      } finally {
        place.remove()
        rmSync(folder, { recursive: true, force: true })
      }
    },
    async close() {
      const left = (await fleet?.stop()) ?? []
      await bucket?.proxy.close()
      await bucket?.server.stop()
      rmSync(work, { recursive: true, force: true })
      return left
    },
  }
}

/** Whether a run shows a fault of ours. */
export function isWrong({ verdict, left, problems, undisturbed }: RunReport): boolean {
  if (problems.length + left.length + undisturbed.length > 0) return true
  if (!verdict) return false
  const { lost, doubled, different, unnamed } = verdict
  return lost + doubled + different + unnamed.length > 0
}

interface Bucket {
  readonly server: S3Server
  readonly proxy: FaultProxy
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
}

async function startBucket(work: string): Promise<Bucket> {
  const folder = join(work, 's3')
  const server = await startS3Server({ folder })
  const proxy = await startFaultProxy(server.endpoint)
  const env = { ...server.env, AWS_ENDPOINT_URL_S3: proxy.endpoint }
  return { server, proxy, env, folder: join(folder, server.bucket) }
}

function bucketPlace({ server, proxy, env, folder }: Bucket, prefix: string): Place {
  const address = `s3://${server.bucket}/${prefix}`
  return {
    kind: 's3',
    address,
    env,
    folder: join(folder, prefix),
    mount: undefined,
    proxy,
    remove: () => rmSync(join(folder, prefix), { recursive: true, force: true }),
  }
}
