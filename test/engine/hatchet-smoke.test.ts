import type { Context, DurableContext, HatchetClient, Worker } from '@hatchet-dev/typescript-sdk'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Hatchet, hasEngine, quietClient, startHatchet } from '../support/engine.js'

const LIMITS = { executionTimeout: '1m', scheduleTimeout: '10m' } as const

describe.skipIf(!(await hasEngine('the Hatchet engine itself')))('a real Hatchet engine', () => {
  let engine: Hatchet
  let client: HatchetClient
  const workers: Worker[] = []

  beforeAll(async () => {
    engine = await startHatchet()
    client = quietClient(engine)
    for (const kind of ['left', 'right']) workers.push(await startWorker(kind))
  })

  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()))
    await engine.stop()
  })

  function tasks() {
    const leaf = client.task({
      name: 'smoke_leaf',
      ...LIMITS,
      fn: async ({ i }: { i: number }, ctx: Context<{ i: number }>) => ({
        square: i * i,
        kind: `${ctx.worker.labels().kind}`,
        key: ctx.childKey() ?? '',
        metadata: ctx.additionalMetadata(),
      }),
    })
    const fan = client.durableTask({
      name: 'smoke_fan',
      ...LIMITS,
      fn: async ({ count }: { count: number }, _ctx: DurableContext<{ count: number }>) => {
        const runs = Array.from({ length: count }, (_, i) => ({
          input: { i },
          opts: {
            childKey: `leaf-${i}`,
            additionalMetadata: { i: `${i}` },
            desiredWorkerLabels: { kind: { value: i % 2 ? 'left' : 'right', required: true } },
          },
        }))
        const refs = await leaf.runManyNoWait(runs)
        return { leaves: await Promise.all(refs.map((ref) => ref.output)) }
      },
    })
    return { leaf, fan }
  }

  async function startWorker(kind: string): Promise<Worker> {
    const worker = await client.worker(kind, { slots: 4, labels: { kind }, workflows: Object.values(tasks()) })
    void worker.start()
    await worker.waitUntilReady()
    return worker
  }

  it('runs a task', async () => {
    const ref = await tasks().leaf.runNoWait({ i: 12 }, { additionalMetadata: { from: 'here' } })
    expect(await ref.output).toMatchObject({ square: 144, key: '', metadata: { from: 'here' } })
  })

  it('runs a durable task whose children go to workers with the labels given at run time', async () => {
    const ref = await tasks().fan.runNoWait({ count: 20 })
    expect(await ref.output).toMatchObject({
      leaves: Array.from({ length: 20 }, (_, i) => ({
        square: i * i,
        kind: i % 2 ? 'left' : 'right',
        key: `leaf-${i}`,
        metadata: { i: `${i}` },
      })),
    })
  })

  it('restarts with its former ports, database and token', async () => {
    const before = await client.workers.list()
    await engine.restart()
    const after = await client.workers.list()
    expect(after.rows?.map(({ name }) => name)).toEqual(before.rows?.map(({ name }) => name))
    expect(after.rows).toHaveLength(2)
  })
})
