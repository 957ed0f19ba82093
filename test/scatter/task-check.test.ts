import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Executor } from '../../src/execute/executor.js'
import { BaseExperiment } from '../../src/index.js'
import { readPythonFanInput } from '../../src/python/fan/input.js'
import { localEngine } from '../../src/run/default-engine.js'
import type { Allocation } from '../../src/scatter/allocation.js'
import { childrenOf, isLeaf, makePlan, type Node, rootNode } from '../../src/scatter/plan.js'
import type { Task, TaskHost } from '../../src/scatter/task.js'
import { checkPlace, readTask } from '../../src/scatter/task-check.js'
import { failing } from '../fixtures/experiments.js'
import { nodeWork } from '../support/tasks.js'

const task: Task = {
  kind: 'leaf',
  store: 's3://bucket/prefix',
  run: 'base/v1.0.0/2026-01-01_00-00-00',
  experiment: 'suite',
  labels: { has_gpu: { value: 'yes', required: true } },
  start: 10,
  end: 20,
  depth: 1,
}

/** Values that are wrong somewhere, or large. */
const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    -1,
    0,
    0.5,
    2 ** 31,
    2 ** 53 - 1,
    2 ** 53,
    1e308,
    Number.NaN,
    '',
    '..',
    '/',
    'a//b',
    '\0',
    's3://',
    'file://',
  ),
  fc.string({ minLength: 1000, maxLength: 5000 }),
  fc.array(fc.nat(), { maxLength: 2000 }),
)
const fields = [...Object.keys(task), 'remote', 'schemas', '__proto__', 'constructor']
const message = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom(...fields), odd).map((wrong) => ({ ...task, ...wrong })),
)

/** What is said of an input: nothing where it is valid. */
function refusalOf(read: () => unknown): { code?: string; message?: string } | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    return error as { code?: string }
  }
}

describe('a task payload', () => {
  it('is accepted, or rejected with its field, its value and the expected value, in a short message', () => {
    fc.assert(
      fc.property(message, (input) => {
        const refusal = refusalOf(() => readTask(input))
        if (refusal === undefined) {
          const { start, end, depth } = input as unknown as Task
          return start >= 0 && end > start && Number.isSafeInteger(end) && depth <= 16
        }
        expect(refusal.code).toBe('TASK_INVALID')
        expect(refusal.message).toMatch(/^Expected .+ of a task to be .+, got .+\.$/s)
        expect(refusal.message!.length).toBeLessThan(400)
        return true
      }),
      { numRuns: 3000 },
    )
  })

  it('is checked alike if a Python fan may have sent it', () => {
    const valid = {
      experiment_id: 'base/v1.0.0/2026-01-01_00-00-00',
      task_name: 'suite',
      specs_uri: 's3://bucket/specs.pq',
      storage_settings: { BUCKET: 'bucket', BUCKET_PREFIX: 'scythe' },
      recursion_map: { path: [{ factor: 2, offset: 0 }], factor: 10, max_depth: 2 },
    }
    expect(readPythonFanInput(valid)).toMatchObject(valid)
    const names = fc.constantFrom(...Object.keys(valid), 'save_errors')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.dictionary(names, odd).map((wrong) => ({ ...valid, ...wrong })),
        ),
        (input) => {
          const refusal = refusalOf(() => readPythonFanInput(input))
          if (refusal) expect(refusal).toMatchObject({ code: 'TASK_INVALID', message: expect.stringMatching(/, got /) })
        },
      ),
      { numRuns: 1000 },
    )
    const deep = { ...valid, recursion_map: { ...valid.recursion_map, path: Array(1000).fill({ factor: 2 }) } }
    expect(refusalOf(() => readPythonFanInput(deep))).toMatchObject({
      code: 'TASK_INVALID',
      field: 'recursion_map.path',
    })
  })
})

describe('the place of a task in its run', () => {
  const allocation = (specs: number) => ({ specs, experiment_name: task.experiment }) as Allocation
  const layout = fc.record({
    specs: fc.integer({ min: 1, max: 5000 }),
    batch: fc.integer({ min: 1, max: 300 }),
    pilot: fc.constantFrom([], [1, 1, 1, 1], [1, 1, 1, 1, 250]),
    recursionMap: fc.option(fc.record({ factor: fc.constantFrom(1, 2, 7, 2 ** 53 - 1), maxDepth: fc.nat(5) }), {
      nil: undefined,
    }),
  })
  const planOf = ({ specs, pilot, ...rest }: typeof layout extends fc.Arbitrary<infer L> ? L : never) =>
    makePlan(specs, { ...rest, pilot: pilot.reduce((sum, size) => sum + size, 0) <= specs ? pilot : [] })

  it('is valid for every node of a plan, and for its pilot before there is a plan', () => {
    fc.assert(
      fc.property(layout, (layout) => {
        const plan = planOf(layout)
        const at = (node: Node, kind: Task['kind']) => ({ ...task, ...node, kind })
        let row = 0
        for (const size of plan.pilot) {
          checkPlace(at({ start: row, end: row + size, depth: 1 }, 'leaf'), allocation(plan.specs), undefined)
          row += size
        }
        const nodes = [rootNode(plan)]
        for (let node = nodes.pop(); node; node = nodes.pop()) {
          const isFan = node.depth === 0 || !isLeaf(plan, node)
          checkPlace(at(node, isFan ? 'fan' : 'leaf'), allocation(plan.specs), plan)
          if (isFan) nodes.push(...childrenOf(plan, node))
        }
      }),
      { numRuns: 200 },
    )
  })

  it('is rejected unless its range can be run: no range makes a fan run endlessly', () => {
    const anyRow = fc.oneof(fc.nat(6000), fc.constantFrom(0, 2 ** 53 - 1))
    const place = fc.record({
      kind: fc.constantFrom('fan' as const, 'leaf' as const),
      start: anyRow,
      end: anyRow,
      depth: fc.nat(16),
    })
    fc.assert(
      fc.property(layout, place, (layout, place) => {
        const plan = planOf(layout)
        const given = { ...task, ...place }
        const refusal = refusalOf(() => checkPlace(readTask(given), allocation(plan.specs), plan))
        if (refusal) {
          expect(refusal.code).toBe('TASK_INVALID')
        } else if (place.kind === 'leaf') {
          expect(isLeaf(plan, given)).toBe(true)
        } else {
          expect(childrenOf(plan, given).at(-1)!.end).toBe(given.end)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a worker', () => {
  const work = nodeWork({ run: () => Promise.reject(new Error('A batch was run.')) } as unknown as Executor)
  const host = {
    spawn() {
      throw new Error('A child was spawned.')
    },
  } as unknown as TaskHost
  let store: string
  let done: Task

  beforeAll(async () => {
    const engine = await localEngine({ slots: 1 })
    store = await mkdtemp(join(tmpdir(), 'scythe-test-'))
    const specs = Array.from({ length: 20 }, (_, n) => ({ n }))
    const { run, ref } = await new BaseExperiment({ runnable: failing, store }).allocate(specs, { engine, batch: 5 })
    await ref.result()
    await engine.close()
    const { experiment_name } = JSON.parse(await readFile(`${store}/${run.id}/allocation.json`, 'utf8'))
    done = {
      ...task,
      store: `file://${store}`,
      run: run.id,
      experiment: experiment_name,
      labels: {},
      start: 0,
      end: 20,
      depth: 0,
    }
  }, 60_000)
  afterAll(() => rm(store, { recursive: true, force: true }))

  const WRONG: Record<string, Partial<Task>> = {
    'a batch that ends far beyond the specs': { kind: 'leaf', start: 15, end: 2 ** 53 - 1, depth: 1 },
    'a batch that ends before it starts': { kind: 'leaf', start: 15, end: 10, depth: 1 },
    'a batch that the plan does not have': { kind: 'leaf', start: 5, end: 15, depth: 1 },
    'a fan of rows that do not exist': { kind: 'fan', start: 20, end: 40, depth: 1 },
    'a root of more rows than the run has': { kind: 'fan', end: 2 ** 53 - 1 },
    'a root of some of the rows': { kind: 'fan', end: 10 },
    'a fan that cuts batches in half': { kind: 'fan', start: 3, end: 20, depth: 1 },
    'a task of another experiment': { kind: 'fan', experiment: 'another' },
    'a task whose specs are served remotely': { kind: 'fan', remote: true },
  }
  it.each(Object.entries(WRONG))('does not begin %s', async (_, wrong) => {
    const given = { ...done, ...wrong }
    await expect(work[given.kind](given, host)).rejects.toMatchObject({
      code: 'TASK_INVALID',
      field: expect.any(String),
    })
  })

  it('accepts a valid task', async () => {
    expect(await work.fan({ ...done, kind: 'fan' }, host)).toMatchObject({ results: expect.any(Number), specs: 20 })
    expect(await work.leaf({ ...done, start: 5, end: 10, depth: 1 }, host)).toMatchObject({ start: 5, end: 10 })
  })
})
