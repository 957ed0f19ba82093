import { setTimeout as sleep } from 'node:timers/promises'
import { type Children, createChildren } from './children.js'
import { TaskInvalidError } from './errors.js'
import { finishRun, type RunReceipt, readRunReceipt } from './finish.js'
import { gatherReceipts } from './gather.js'
import { gatherWhole } from './mend.js'
import {
  childrenOf,
  chooseBatch,
  choosePilotBatch,
  isLeaf,
  MIN_BATCHES,
  makePlan,
  type Node,
  PILOT,
  type Plan,
  planOf,
} from './plan.js'
import { putLatest, readLatest } from './read-json.js'
import { countSetAside, type Receipt, readReceipt } from './receipt.js'
import type { RunFolder } from './run-folder.js'
import type { Task, TaskHost } from './task.js'

export const PLAN_KEY = 'plan.json'
/**
 * Time after which a running pilot batch is not waited for, in ms. Its specs are then long enough
 * for batches of one, however much longer they take. Longer than a process takes to start and to
 * import the user's code.
 */
const LONG_SPEC = 60_000

/**
 * Runs the root of a run: fixes the plan, runs every range, makes the final tables and writes the
 * run's receipt.
 */
export async function runRoot(run: RunFolder, task: Task, host: TaskHost): Promise<RunReceipt> {
  const done = await readRunReceipt(run.folder)
  if (done) return done
  let plan = await readPlan(run)
  let setAside = 0
  async function collect(): Promise<Receipt[]> {
    setAside = await countSetAside(run.folder)
    // Without a plan, there are only the pilot's batches.
    const children = createChildren(run, task, host, (node) => !plan || isLeaf(plan, node))
    try {
      plan ??= await fixPlan(run, children)
      return await children.receipts(childrenOf(plan, task))
    } finally {
      children.close()
    }
  }
  return gatherWhole(run.folder, collect, (receipts) => finishRun(run, receipts, setAside))
}

/** Runs a fan below the root: runs its range, and merges the parts of its children. */
export async function runFan(run: RunFolder, task: Task, host: TaskHost): Promise<Receipt> {
  const done = await readReceipt(run.folder, task)
  if (done) return done
  const plan = await readPlan(run)
  if (!plan) throw new TaskInvalidError('depth', task.depth, '0, because the run has no plan yet')
  async function collect(fixed: Plan): Promise<Receipt[]> {
    const children = createChildren(run, task, host, (node) => isLeaf(fixed, node))
    try {
      return await children.receipts(childrenOf(fixed, task))
    } finally {
      children.close()
    }
  }
  return gatherWhole(
    run.folder,
    () => collect(plan),
    (receipts) => gatherReceipts(run, task, host, receipts),
  )
}

/**
 * Reads the plan. A damaged plan counts as missing: it is made again like the first one, from the
 * pilot's receipts, so that the other receipts still count.
 */
export async function readPlan({ folder, allocation }: RunFolder): Promise<Plan | undefined> {
  return (await readLatest(folder, PLAN_KEY, planOf(allocation.specs))).value
}

/**
 * Fixes the run's ranges. A stored plan takes precedence, so that every replay gets the same plan.
 */
async function fixPlan(run: RunFolder, children: Children): Promise<Plan> {
  const { specs, batch, recursion_map: map } = run.allocation
  const recursionMap = map ? { factor: map.factor, maxDepth: map.max_depth } : undefined
  try {
    const batches = batch === null ? await runPilot(specs, children) : { batch }
    return await putLatest(run.folder, PLAN_KEY, makePlan(specs, { ...batches, recursionMap }), planOf(specs))
  } catch (error) {
    // Another root may have fixed a plan meanwhile. Then the batches of this pilot no longer fit.
    const plan = await readPlan(run).catch(() => undefined)
    if (plan) return plan
    throw error
  }
}

/**
 * Runs the first specs to measure how long a spec takes: a few alone and then, if those were short,
 * a few hundred together.
 */
async function runPilot(specs: number, children: Children): Promise<{ batch: number; pilot: number[] }> {
  // With this few specs, all may begin at once: long specs gain by it, and short ones lose little.
  if (specs <= MIN_BATCHES) return { batch: 1, pilot: [] }
  const pilot = new Array<number>(Math.min(PILOT, specs)).fill(1)
  let seconds = median(await Promise.all(pilot.map((_, row) => secondsOf(row, row + 1, children))))
  const more = Math.min(choosePilotBatch(seconds), specs - pilot.length)
  if (more > 0) {
    seconds = (await secondsOf(pilot.length, pilot.length + more, children)) / more
    pilot.push(more)
  }
  return { batch: chooseBatch(specs, seconds), pilot }
}

/**
 * Resolves with the seconds that a pilot batch takes. A long batch is not waited for: it is enough
 * to know that it is long.
 */
function secondsOf(start: number, end: number, children: Children): Promise<number> {
  const node: Node = { start, end, depth: 1 }
  const seconds = children.receipt(node).then((receipt) => receipt.seconds)
  const long = children.started(node).then(() => sleep(LONG_SPEC, LONG_SPEC / 1000, { ref: false }))
  return Promise.race([seconds, long])
}

/**
 * Returns the median, the lower one of two: the first spec of a process takes longer than those
 * after it.
 */
function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0
}
