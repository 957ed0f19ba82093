import { z } from 'zod'
import type { Shape } from './read-json.js'

/** The rows of `specs.pq` from `start` (inclusive) to `end` (exclusive). */
export interface Range {
  readonly start: number
  readonly end: number
}

/**
 * A place in a run's tree. The root has depth 0. A node that covers one batch is a leaf; every
 * other node is a fan.
 */
export interface Node extends Range {
  readonly depth: number
}

/**
 * The user's layout of fans: each has `factor` children, down to `maxDepth` levels below the root.
 */
export interface RecursionMap {
  readonly factor: number
  readonly maxDepth: number
}

/** The object that fixes a run's ranges. Everyone who has it computes the same tree. */
export interface Plan {
  readonly format: 1
  readonly specs: number
  /** Sizes of the first batches, which were run to measure how long a spec takes. */
  readonly pilot: readonly number[]
  /** Number of specs in each batch after the pilot. */
  readonly batch: number
  /** Number of children of a fan that has fans below it. */
  readonly factor: number
  /** Number of levels of fans below the root. */
  readonly depth: number
}

const count = z.number().int().min(0)

/**
 * Greatest depth of a node: users may ask for ten levels of fans, and 256 to the seventh are more
 * batches than there can be specs.
 */
export const MAX_DEPTH = 16

const planSchema: z.ZodType<Plan> = z.object({
  format: z.literal(1),
  specs: count,
  pilot: z.array(count.min(1)),
  batch: count.min(1),
  factor: count.min(1),
  depth: count.max(MAX_DEPTH),
})

/** Returns the shape of a plan for this number of specs. */
export function planOf(specs: number): Shape<Plan> {
  return {
    parse(value) {
      const plan = planSchema.parse(value)
      if (plan.specs !== specs || sum(plan.pilot) > specs) throw new Error(`it is not a plan for ${specs} specs`)
      return plan
    },
  }
}

/** Number of specs that the pilot runs one by one. */
export const PILOT = 4
/** Shortest time that a spec is assumed to take before a batch was measured, in seconds. */
const SHORTEST_SPEC = 1e-3
/**
 * Time below which a spec is measured again in a batch, in seconds: much of it may be the start of
 * a process.
 */
const SHORT_SPEC = 1
/**
 * Target time of a batch, in seconds: long against the cost of a task, short against the loss of a
 * worker.
 */
const BATCH_SECONDS = 5
/** Largest number of specs in a batch. */
const MAX_BATCH = 10_000
/**
 * Smallest number of batches in a run, so that its slots finish together. Fewer if batches would
 * become shorter than `MIN_BATCH_SECONDS`.
 */
export const MIN_BATCHES = 64
const MIN_BATCH_SECONDS = 0.25
/** Largest number of specs in a batch of the pilot. */
export const LARGEST_PILOT = MIN_BATCH_SECONDS / SHORTEST_SPEC
/** Number of children that one fan waits for, if the user sets none. */
const FAN_CHILDREN = 256

/**
 * Returns the number of specs in a batch, given the seconds that one spec takes. The shortest time
 * that counts is a microsecond: clocks are not finer.
 */
export function chooseBatch(specs: number, secondsPerSpec: number): number {
  const seconds = Math.max(secondsPerSpec, 1e-6)
  const even = Math.max(Math.ceil(specs / MIN_BATCHES), Math.floor(MIN_BATCH_SECONDS / seconds))
  return Math.max(1, Math.min(Math.floor(BATCH_SECONDS / seconds), even, MAX_BATCH))
}

/**
 * Returns the number of specs in the pilot's last batch, given the seconds that single specs took.
 * Returns 0 if those were long enough to be reliable.
 */
export function choosePilotBatch(secondsPerSpec: number): number {
  return secondsPerSpec < SHORT_SPEC
    ? Math.max(2, Math.ceil(MIN_BATCH_SECONDS / Math.max(secondsPerSpec, SHORTEST_SPEC)))
    : 0
}

export function makePlan(
  specs: number,
  options: {
    readonly batch: number
    readonly pilot?: readonly number[]
    readonly recursionMap?: RecursionMap | undefined
  },
): Plan {
  const pilot = options.pilot ?? []
  const batch = Math.min(Math.max(1, options.batch), Math.max(1, specs))
  const batches = Math.ceil((specs - sum(pilot)) / batch)
  if (options.recursionMap) {
    return { format: 1, specs, pilot, batch, factor: options.recursionMap.factor, depth: options.recursionMap.maxDepth }
  }
  let depth = 0
  while (FAN_CHILDREN ** (depth + 1) < batches) depth += 1
  const factor = depth === 0 ? FAN_CHILDREN : Math.ceil(batches ** (1 / (depth + 1)))
  return { format: 1, specs, pilot, batch, factor, depth }
}

export function rootNode(plan: Plan): Node {
  return { start: 0, end: plan.specs, depth: 0 }
}

export function isLeaf(plan: Plan, node: Range): boolean {
  return batchAt(plan, node.start).end >= node.end
}

/** Returns whether a range is one batch of the plan. */
export function isBatch(plan: Plan, { start, end }: Range): boolean {
  const batch = batchAt(plan, start)
  return batch.start === start && batch.end === end
}

/** Returns whether a range begins and ends where batches of the plan do. */
export function wholeBatches(plan: Plan, { start, end }: Range): boolean {
  return batchAt(plan, start).start === start && (end === plan.specs || batchAt(plan, end).start === end)
}

/** Returns the nodes directly below a fan, in order. Together they are the range of the fan. */
export function childrenOf(plan: Plan, fan: Node): Node[] {
  const depth = fan.depth + 1
  const pilot = Math.max(fan.start, Math.min(sum(plan.pilot), fan.end))
  const children = batchesIn(plan, { start: fan.start, end: pilot }, depth)
  const rest = { start: pilot, end: fan.end }
  if (fan.depth >= plan.depth) return [...children, ...batchesIn(plan, rest, depth)]
  const parts = splitAtBatches(plan, rest, plan.factor)
  // A lone part would be a fan over the range that its parent already covers.
  if (parts.length === 1 && children.length === 0) return childrenOf(plan, { ...fan, depth })
  return [...children, ...parts.map((part) => ({ ...part, depth }))]
}

/** Returns every batch of a range, in order. */
function batchesIn(plan: Plan, range: Range, depth: number): Node[] {
  const batches: Node[] = []
  for (let start = range.start; start < range.end; ) {
    const { end } = batchAt(plan, start)
    if (end <= start) throw new RangeError(`The plan has no row ${start}.`)
    batches.push({ start, end, depth })
    start = end
  }
  return batches
}

function batchAt(plan: Plan, row: number): Range {
  let pilot = 0
  for (const size of plan.pilot) {
    if (row < pilot + size) return { start: pilot, end: pilot + size }
    pilot += size
  }
  const start = row - ((row - pilot) % plan.batch)
  return { start, end: Math.min(start + plan.batch, plan.specs) }
}

/**
 * Cuts a range behind the pilot into at most `parts` ranges of whole batches, as even as possible.
 */
function splitAtBatches(plan: Plan, range: Range, parts: number): Range[] {
  const batches = Math.ceil((range.end - range.start) / plan.batch)
  const count = Math.min(parts, batches)
  return Array.from({ length: count }, (_, part) => ({
    start: range.start + Math.floor((batches * part) / count) * plan.batch,
    end: Math.min(range.start + Math.floor((batches * (part + 1)) / count) * plan.batch, range.end),
  }))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
