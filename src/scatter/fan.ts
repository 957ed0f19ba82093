import { setTimeout as sleep } from 'node:timers/promises'
import { type Children, createChildren } from './children.js'
import { finishRun, type RunReceipt, readRunReceipt } from './finish.js'
import { mergeParts } from './gather.js'
import { readObject } from './objects.js'
import { chooseBatch, childrenOf, isLeaf, makePlan, type Node, PILOT, type Plan, planSchema, type Range } from './plan.js'
import { newAttempt, type Part, type Receipt, readReceipt, writeReceipt } from './receipt.js'
import type { RunFolder } from './run-folder.js'
import type { Task, TaskHost } from './task.js'

const PLAN_KEY = 'plan.json'
/** A pilot spec that has run for so long needs a batch of its own, whatever it still takes. In ms. */
const LONG_SPEC = 5_000

/** The root of a run: fixes the plan, has every range run, makes the final tables and writes the run's receipt. */
export async function runRoot(run: RunFolder, task: Task, host: TaskHost): Promise<RunReceipt> {
  const done = await readRunReceipt(run.folder)
  if (done) return done
  const known = await readPlan(run)
  const leaf = (range: Range) => (known ? isLeaf(known, range) : range.end - range.start === 1)
  let plan = known
  const children = createChildren(run, task, host, (node) => (plan ? isLeaf(plan, node) : leaf(node)))
  try {
    plan ??= await fixPlan(run, children)
    const receipts = await children.receipts(childrenOf(plan, task))
    return await finishRun(run, receipts)
  } finally {
    children.close()
  }
}

/** A fan below the root: has its range run, and lays its children's parts together. */
export async function runFan(run: RunFolder, task: Task, host: TaskHost): Promise<Receipt> {
  const done = await readReceipt(run.folder, task)
  if (done) return done
  const plan = await readPlan(run)
  if (!plan) throw new Error(`The fan ${task.start} to ${task.end} of ${task.run} was spawned before its plan.`)
  const children = createChildren(run, task, host, (node) => isLeaf(plan, node))
  try {
    const receipts = await children.receipts(childrenOf(plan, task))
    return await gatherReceipts(run, task, host, receipts)
  } finally {
    children.close()
  }
}

async function gatherReceipts(run: RunFolder, { start, end }: Range, host: TaskHost, receipts: readonly Receipt[]) {
  const attempt = newAttempt({ start, end })
  const tables: Record<string, Part[]> = {}
  for (const [table, schema] of Object.entries(run.allocation.tables)) {
    const parts = receipts.flatMap((receipt) => receipt.tables[table] ?? [])
    if (parts.length === 0) continue
    tables[table] = await mergeParts(run.folder, schema, parts, (index) => `parts/${attempt}/${table}-${index}.pq`)
  }
  const sum = (field: 'results' | 'errors' | 'seconds') => receipts.reduce((total, receipt) => total + receipt[field], 0)
  return writeReceipt(run.folder, {
    format: 1,
    start,
    end,
    attempt,
    worker: host.worker,
    results: sum('results'),
    errors: sum('errors'),
    seconds: sum('seconds'),
    tables,
  })
}

export function readPlan(run: RunFolder): Promise<Plan | undefined> {
  return readObject(run.folder, PLAN_KEY, planSchema)
}

/** Fixes the run's ranges: what is there counts, so whoever replays gets the same. */
async function fixPlan(run: RunFolder, children: Children): Promise<Plan> {
  const { specs, batch, recursion_map: map } = run.allocation
  const recursionMap = map ? { factor: map.factor, maxDepth: map.max_depth } : undefined
  const pilot = batch === null ? Math.min(PILOT, specs) : 0
  const plan = makePlan(specs, {
    pilot,
    recursionMap,
    batch: batch ?? chooseBatch(specs, median(await pilotSeconds(pilot, children))),
  })
  if (await run.folder.putIfAbsent(PLAN_KEY, JSON.stringify(plan))) return plan
  return (await readPlan(run)) ?? plan
}

/** What the first specs take each. A long one is not waited for: that it is long is all there is to know. */
function pilotSeconds(pilot: number, children: Children): Promise<number[]> {
  const nodes: Node[] = Array.from({ length: pilot }, (_, row) => ({ start: row, end: row + 1, depth: 1 }))
  return Promise.all(
    nodes.map((node) => {
      const seconds = children.receipt(node).then((receipt) => receipt.seconds)
      const long = children.started(node).then(() => sleep(LONG_SPEC, LONG_SPEC / 1000, { ref: false }))
      return Promise.race([seconds, long])
    }),
  )
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
