import { readPlan } from '../../../src/scatter/fan.js'
import { childrenOf, isBatch, isLeaf, type Node, type Plan, rootNode, wholeBatches } from '../../../src/scatter/plan.js'
import { asReceipt, findReceipt, listReceipts, partsOf, totals } from '../../../src/scatter/receipt.js'
import { scopedStore } from '../../../src/store/scoped-store.js'
import type { Random } from '../../chaos/random.js'
import { createMemoryStore } from '../../simulation/memory-store.js'
import { type Door, RuleBroken } from '../door.js'
import { damaged } from '../mutate.js'
import { damagedValue } from '../mutate-value.js'
import { textOf } from './run.js'
import { ALLOCATION, PLAN, RUN, receiptOf } from './run-files.js'

const CODES = ['RUN_OBJECT_INVALID']
const WORDS = ['{', '}', 'null', '1e999', '"__proto__":1,', '[', ']']

function making(key: string, value: unknown) {
  return (random: Random): Uint8Array => {
    if (random.chance(0.7)) return Buffer.from(textOf(key, damagedValue(value, random)))
    return damaged(Buffer.from(textOf(key, value)), random, { words: WORDS })
  }
}

export const receipt: Door = {
  name: 'receipt',
  title: 'receipts, in the store and from an engine',
  codes: CODES,
  make: making('receipt.json', receiptOf(10, 20)),
  async take(input) {
    const folder = folderWith('receipts/receipt-000000000010-000000000020.json', input)
    const range = { start: 10, end: 20 }
    for await (const _ of listReceipts(folder, { start: 0, end: 100 }));
    const found = (await findReceipt(folder, range)).value
    const came = asReceipt(parsed(input), range)
    for (const one of [found, came]) {
      if (!one) continue
      const { results, errors } = totals([one])
      if (results + errors !== 10) throw new RuleBroken(`a receipt of 10 specs counts ${results} and ${errors}`)
      for (const table of ['scalars', 'errors', 'constructor', '__proto__']) partsOf([one], table)
    }
  },
}

/** Nodes that are looked at: a plan may be of very many. */
const MOST_NODES = 2000

export const plan: Door = {
  name: 'plan',
  title: 'plans',
  codes: CODES,
  make: making('plan.json', PLAN),
  async take(input) {
    const folder = folderWith('plan.json', input)
    const read = await readPlan({ folder, allocation: ALLOCATION, readSpecs: async () => Promise.reject() })
    if (read) walk(read)
  },
}

/** Throws `RuleBroken` unless a plan's leaves are batches and, one after the other, all of its specs. */
function walk(read: Plan): void {
  const open: Node[] = [rootNode(read)]
  let next = 0
  for (let seen = 0; open.length > 0 && seen < MOST_NODES; seen++) {
    const node = open.pop()!
    if (isLeaf(read, node)) {
      if (node.start !== next || !isBatch(read, node)) throw new RuleBroken(`${show(node)} is not the batch at ${next}`)
      next = node.end
      continue
    }
    if (!wholeBatches(read, node)) throw new RuleBroken(`${show(node)} is not of whole batches`)
    open.push(...childrenOf(read, node).reverse())
  }
  if (open.length === 0 && next !== read.specs) throw new RuleBroken(`it ends at ${next} of ${read.specs}`)
}

function show({ start, end, depth }: Node): string {
  return `the node ${start} to ${end} of depth ${depth}`
}

function folderWith(key: string, bytes: Uint8Array) {
  return scopedStore(createMemoryStore(new Map([[`${RUN}/${key}`, bytes]])), RUN)
}

function parsed(input: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(input).toString())
  } catch {
    return undefined
  }
}
