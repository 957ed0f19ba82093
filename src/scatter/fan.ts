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
 * A pilot batch that began so long ago is not waited for: its specs are long enough for batches of one, whatever they still take.
 * Longer than a process takes to start and to import the user's code. In ms.
 */
const LONG_SPEC = 60_000

/** The root of a run: fixes the plan, has every range run, makes the final tables and writes the run's receipt. */
export async function runRoot(run: RunFolder, task: Task, host: TaskHost): Promise<RunReceipt> {
  const done = await readRunReceipt(run.folder)
  if (done) return done
  let plan = await readPlan(run)
  let setAside = 0
  async function collect(): Promise<Receipt[]> {
    setAside = await countSetAside(run.folder)
    // Without a plan there are only the pilot's batches.
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

/** A fan below the root: has its range run, and lays its children's parts together. */
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

/** A plan that is damaged is none: it is made again as the first one was, of what the pilot's receipts say, so that the others count. */
export async function readPlan({ folder, allocation }: RunFolder): Promise<Plan | undefined> {
  return (await readLatest(folder, PLAN_KEY, planOf(allocation.specs))).value
}

/** Fixes the run's ranges: what is there counts, so whoever replays gets the same. */
async function fixPlan(run: RunFolder, children: Children): Promise<Plan> {
  const { specs, batch, recursion_map: map } = run.allocation
  const recursionMap = map ? { factor: map.factor, maxDepth: map.max_depth } : undefined
  try {
    const batches = batch === null ? await runPilot(specs, children) : { batch }
    return await putLatest(run.folder, PLAN_KEY, makePlan(specs, { ...batches, recursionMap }), planOf(specs))
  } catch (error) {
    // Another root may have fixed it meanwhile, and then batches of this pilot fit no more.
    const plan = await readPlan(run).catch(() => undefined)
    if (plan) return plan
    throw error
  }
}

/** Runs the first specs to learn what one takes: a few alone, then, where they were short, a few hundred together. */
async function runPilot(specs: number, children: Children): Promise<{ batch: number; pilot: number[] }> {
  // So few may all begin at once: long ones gain by it, and short ones lose little.
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

/** What a pilot batch takes. A long one is not waited for: that it is long is all there is to know. */
function secondsOf(start: number, end: number, children: Children): Promise<number> {
  const node: Node = { start, end, depth: 1 }
  const seconds = children.receipt(node).then((receipt) => receipt.seconds)
  const long = children.started(node).then(() => sleep(LONG_SPEC, LONG_SPEC / 1000, { ref: false }))
  return Promise.race([seconds, long])
}

/** The lower one of two: a process's first spec takes longer than those after it. */
function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0
}
