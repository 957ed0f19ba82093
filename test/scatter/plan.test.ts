import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  childrenOf,
  chooseBatch,
  choosePilotBatch,
  isLeaf,
  makePlan,
  type Node,
  type Plan,
  rootNode,
} from '../../src/scatter/plan.js'

function leavesOf(plan: Plan, node: Node): Node[] {
  return childrenOf(plan, node).flatMap((child) => (isLeaf(plan, child) ? [child] : leavesOf(plan, child)))
}

const plans = fc
  .record({
    specs: fc.integer({ min: 1, max: 1_000 }),
    batch: fc.integer({ min: 1, max: 300 }),
    pilot: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 }),
    recursionMap: fc.option(
      fc.record({ factor: fc.integer({ min: 1, max: 7 }), maxDepth: fc.integer({ min: 0, max: 10 }) }),
      { nil: undefined },
    ),
  })
  .map(({ specs, ...options }) => makePlan(specs + options.pilot.reduce((a, b) => a + b, 0), options))

describe('a plan', () => {
  it('puts every spec into one batch, in order, for any tree', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        let next = 0
        for (const [index, leaf] of leavesOf(plan, rootNode(plan)).entries()) {
          expect(leaf.start).toBe(next)
          expect(leaf.end).toBeGreaterThan(leaf.start)
          expect(leaf.end - leaf.start).toBeLessThanOrEqual(plan.pilot[index] ?? plan.batch)
          next = leaf.end
        }
        expect(next).toBe(plan.specs)
      }),
    )
  })

  it('contains no two nodes below the root with an equal range', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const seen = new Set<string>()
        const visit = (node: Node) => {
          for (const child of childrenOf(plan, node)) {
            expect(child.depth).toBeGreaterThan(node.depth)
            const key = `${child.start}-${child.end}`
            expect(seen).not.toContain(key)
            seen.add(key)
            if (!isLeaf(plan, child)) visit(child)
          }
        }
        visit(rootNode(plan))
      }),
    )
  })

  it('keeps fans of a large run small by default', () => {
    const plan = makePlan(10_000_000, { batch: 10, pilot: [1, 1, 1, 1] })
    expect(plan.depth).toBe(2)
    const fans = childrenOf(plan, rootNode(plan))
    expect(fans.length).toBeLessThan(300)
    expect(childrenOf(plan, fans.at(-1)!).length).toBeLessThan(300)
  })

  it('has the configured factor and depth if there are enough batches', () => {
    const plan = makePlan(1_000, { batch: 10, recursionMap: { factor: 4, maxDepth: 2 } })
    const first = childrenOf(plan, rootNode(plan))
    expect(first).toHaveLength(4)
    expect(childrenOf(plan, first[0]!)).toHaveLength(4)
    expect(first.every((fan) => !isLeaf(plan, fan))).toBe(true)
  })

  it('chooses batches of about five seconds, and short batches at the ends of the scale', () => {
    expect(chooseBatch(1_000_000, 0.1)).toBe(50)
    expect(chooseBatch(1_000_000, 60)).toBe(1)
    expect(chooseBatch(1_000_000, 1e-5)).toBe(10_000)
    expect(chooseBatch(1_000_000, 0)).toBe(10_000)
  })

  it('measures short specs again, in a batch of about a quarter of a second', () => {
    expect(choosePilotBatch(3)).toBe(0)
    expect(choosePilotBatch(0.9)).toBe(2)
    expect(choosePilotBatch(0.005)).toBe(50)
    expect(choosePilotBatch(0)).toBe(250)
  })

  it('cuts a short run finely enough for its slots to finish together', () => {
    expect(chooseBatch(1_000, 0.02)).toBe(16)
    expect(chooseBatch(128, 1)).toBe(2)
  })
})
