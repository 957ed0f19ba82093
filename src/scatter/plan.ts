import { z } from 'zod'
import type { Shape } from './read-json.js'

/** Rows `start` (inclusive) to `end` (exclusive) of `specs.pq`. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** A place in a run's tree: the root has depth 0. A node that covers one batch is a leaf, every other one a fan. */
export interface Node extends Range {
  readonly depth: number
}

/** How the user wants fans laid out: each has `factor` children, down to `maxDepth` levels below the root. */
export interface RecursionMap {
  readonly factor: number
  readonly maxDepth: number
}

/** What fixes a run's ranges. Everyone who has it computes the same tree. */
export interface Plan {
  readonly format: 1
  readonly specs: number
  /** Sizes of the first batches, which were run to learn how long a spec takes. */
  readonly pilot: readonly number[]
  /** Specs in each batch after the pilot. */
  readonly batch: number
  /** Children of a fan that has fans below it. */
  readonly factor: number
  /** Levels of fans below the root. */
  readonly depth: number
}

const count = z.number().int().min(0)

/** No node is deeper: users may ask for ten levels of fans, and 256 to the seventh are more batches than there can be specs. */
export const MAX_DEPTH = 16

const planSchema: z.ZodType<Plan> = z.object({
  format: z.literal(1),
  specs: count,
  pilot: z.array(count.min(1)),
  batch: count.min(1),
  factor: count.min(1),
  depth: count.max(MAX_DEPTH),
})

/** Reads a plan for so many specs. */
export function planOf(specs: number): Shape<Plan> {
  return {
    parse(value) {
      const plan = planSchema.parse(value)
      if (plan.specs !== specs || sum(plan.pilot) > specs) throw new Error(`it is not a plan for ${specs} specs`)
      return plan
    },
  }
}

/** Specs that the pilot runs one by one. */
export const PILOT = 4
/** No spec is taken to be shorter than this, in seconds, before a batch of them was measured. */
const SHORTEST_SPEC = 1e-3
/** A spec that seems shorter than this, in seconds, is measured again in a batch: much of it may be a process's first steps. */
const SHORT_SPEC = 1
/** What a batch should take, in seconds: long against the cost of a task, short against the loss of a worker. */
const BATCH_SECONDS = 5
/** Specs in a batch at most. */
const MAX_BATCH = 10_000
/** Batches that a run is cut into at least, so that its slots finish together, unless they got shorter than this. */
export const MIN_BATCHES = 64
const MIN_BATCH_SECONDS = 0.25
/** Specs in a batch of the pilot at most. */
export const LARGEST_PILOT = MIN_BATCH_SECONDS / SHORTEST_SPEC
/** Children that one fan waits for, where the user says nothing. */
const FAN_CHILDREN = 256

/** Specs in a batch, from what one takes. The shortest time that counts is a microsecond: clocks are not finer. */
export function chooseBatch(specs: number, secondsPerSpec: number): number {
  const seconds = Math.max(secondsPerSpec, 1e-6)
  const even = Math.max(Math.ceil(specs / MIN_BATCHES), Math.floor(MIN_BATCH_SECONDS / seconds))
  return Math.max(1, Math.min(Math.floor(BATCH_SECONDS / seconds), even, MAX_BATCH))
}

/** Specs in the pilot's last batch, from what single ones took: 0 where they were long enough to be believed. */
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

/** Whether a range is one batch of the plan. */
export function isBatch(plan: Plan, { start, end }: Range): boolean {
  const batch = batchAt(plan, start)
  return batch.start === start && batch.end === end
}

/** Whether a range begins and ends where batches of the plan do. */
export function wholeBatches(plan: Plan, { start, end }: Range): boolean {
  return batchAt(plan, start).start === start && (end === plan.specs || batchAt(plan, end).start === end)
}

/** The nodes right below a fan, in order; together they are its range. */
export function childrenOf(plan: Plan, fan: Node): Node[] {
  const depth = fan.depth + 1
  const pilot = Math.max(fan.start, Math.min(sum(plan.pilot), fan.end))
  const children = batchesIn(plan, { start: fan.start, end: pilot }, depth)
  const rest = { start: pilot, end: fan.end }
  if (fan.depth >= plan.depth) return [...children, ...batchesIn(plan, rest, depth)]
  const parts = splitAtBatches(plan, rest, plan.factor)
  // A lone part would be a fan over what its parent already covers.
  if (parts.length === 1 && children.length === 0) return childrenOf(plan, { ...fan, depth })
  return [...children, ...parts.map((part) => ({ ...part, depth }))]
}

/** Every batch of a range, in order. */
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

/** Cuts a range behind the pilot into at most `parts` ranges of whole batches, as even as they come. */
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
