import { ALLOCATION_KEY, SPECS_KEY } from '../../src/scatter/allocation.js'
import { nodeDefinition, returnedValue, type Task, type TaskDefinition } from '../../src/scatter/task.js'
import { taskDefinitions } from '../../src/scatter/task-definitions.js'
import { scopedStore } from '../../src/store/scoped-store.js'
import type { Store } from '../../src/store/store.js'
import { createClock, installClock } from './clock.js'
import { createEngine, type Engine, type Work } from './engine.js'
import { createGuard } from './guard.js'
import type { Machine } from './machine.js'
import { createMemoryStore } from './memory-store.js'
import { type Attempts, createSimulatedPool } from './pool.js'
import { createRandom } from './random.js'
import { createRemoteStore } from './remote-store.js'
import { drawScenario, type Scenario } from './scenario.js'
import { allocationOf, RUN, specsOf } from './tables.js'
import { judge, judgeRest } from './verdict.js'
import type { World } from './world.js'

/** What one seed came to. */
export interface Outcome {
  readonly scenario: Scenario
  /** Rules that were broken. Empty: the seed is fine. */
  readonly broken: readonly string[]
  /** How often each kind of fault struck. */
  readonly struck: ReadonlyMap<string, number>
  /** How often a root failed and was resumed, by the code of the failure. */
  readonly resumed: ReadonlyMap<string, number>
  /** Virtual time until the run was done, in ms. */
  readonly took: number
}

/** A run must have ended by so long after the last fault, in virtual ms. */
const PATIENCE = 4 * 3_600_000

export interface SimulateOptions {
  /** Hears of all that happens, as it happens. `time` is in ms. */
  trace?(time: number, who: string, what: string): void
  /** Puts a store that is not as it should be in the place of the one in memory: then rules must break. */
  spoil?(store: Store): Store
}

/** Plays one scenario from its beginning to its end, and says which rules it broke. */
export async function simulate(given: number | Scenario, { trace, spoil }: SimulateOptions = {}): Promise<Outcome> {
  const scenario = typeof given === 'number' ? drawScenario(given) : given
  const random = createRandom(scenario.seed ^ 0x5ca1ab1e)
  const clock = createClock()
  const broken: string[] = []
  const struck = new Map<string, number>()
  const resumed = new Map<string, number>()
  let isCalmed = false
  const world: World = {
    scenario,
    random,
    clock,
    struck,
    isCalm: () => isCalmed || clock.now() >= scenario.calmAt,
    tell: trace ? (who, ...what) => trace(clock.now(), who, what.join(' ')) : () => {},
    blame(rule) {
      if (trace) trace(clock.now(), 'RULE BROKEN', rule)
      if (broken.length < 20) broken.push(rule)
    },
  }
  const onRejection = (error: unknown) =>
    world.blame(`nobody heard of a failure: ${error instanceof Error ? error.stack : error}`)
  const restore = installClock(clock, random.next)
  process.on('unhandledRejection', onRejection)
  try {
    const calm = () => {
      isCalmed = true
    }
    const took = await play(world, resumed, calm, spoil)
    return { scenario, broken, struck, resumed, took }
  } finally {
    process.off('unhandledRejection', onRejection)
    restore()
  }
}

async function play(
  world: World,
  resumed: Map<string, number>,
  calm: () => void,
  spoil: SimulateOptions['spoil'] = (store) => store,
): Promise<number> {
  const { scenario, clock, random, tell, blame } = world
  const objects = new Map<string, Uint8Array>([
    [`${RUN}/${ALLOCATION_KEY}`, Buffer.from(JSON.stringify(allocationOf(scenario)))],
    [`${RUN}/${SPECS_KEY}`, specsOf(scenario)],
  ])
  const guard = { isOn: true, see: createGuard(world, objects) }
  const store = createMemoryStore(objects, (...change) => guard.isOn && guard.see(...change))
  const attempts: Attempts = { marks: new Map(), countOf: new Map(), failures: new Map() }
  const engine = createEngine(world, createWork(world, spoil(store), attempts))
  for (let i = 0; i < scenario.workers; i++) engine.add()

  const task: Task = {
    kind: 'fan',
    store: store.uri,
    run: RUN,
    experiment: 'simulated',
    labels: {},
    start: 0,
    end: scenario.specs,
    depth: 0,
  }
  let current = engine.submit(task)

  /** As a user does: what failed or was stopped is resumed until it is done. */
  async function haveItDone(): Promise<void> {
    for (let pause = 2_000; ; pause = Math.min(pause * 2, 600_000)) {
      const root = current
      try {
        await Promise.race([root.done.then(returnedValue), untilDone()])
        tell('user', 'has the result')
        return
      } catch (error) {
        const code = String((error as { code?: unknown }).code)
        resumed.set(code, (resumed.get(code) ?? 0) + 1)
        tell('user', 'resumes after', code, (error as Error).message)
        await new Promise<void>((go) => clock.after(pause * (0.5 + random.next()), go))
        if (current === root) current = engine.submit(task)
      }
    }
  }

  /** A notice may be lost: whoever waits looks for the run's receipt, too. */
  async function untilDone(): Promise<void> {
    while (!objects.has(`${RUN}/receipt.json`)) await new Promise<void>((look) => clock.after(5_000, look))
  }

  for (const { at, kind, for: ms } of scenario.blows) {
    clock.after(at, () => {
      if (world.isCalm()) return
      if (kind === 'cancel') {
        void current.cancel()
      } else if (kind === 'second root') {
        tell('user', 'starts a second root')
        engine.submit(task)
      } else strike(world, engine, kind, ms)
      world.struck.set(kind, (world.struck.get(kind) ?? 0) + 1)
    })
  }

  let isDone = false
  haveItDone().then(() => {
    isDone = true
  })
  const bound = scenario.calmAt + PATIENCE
  const ending = await clock.run(() => isDone, bound)
  const took = clock.now()
  if (ending !== 'over') {
    blame(
      ending === 'still'
        ? 'the run stands still: nothing is left to come'
        : 'the run has not ended hours after the last fault',
    )
    return took
  }
  // What is left of other attempts comes to its end.
  if ((await clock.run(() => false, took + PATIENCE)) === 'late')
    blame('something goes on for hours after the run has ended')
  const folder = scopedStore(store, RUN)
  await judge(world, folder, attempts)

  calm()
  await finishAgain(world, engine, task, objects, (keys) => {
    guard.isOn = false
    void store.delete(keys)
    guard.isOn = true
  })
  await judgeRest(world, folder)
  return took
}

/** A root that finds every receipt of ranges, and no final tables, makes the same again. */
async function finishAgain(
  world: World,
  engine: Engine,
  task: Task,
  objects: ReadonlyMap<string, Uint8Array>,
  forget: (keys: string[]) => void,
) {
  const { clock, blame, tell } = world
  tell('user', 'has the run finished once more')
  const before = new Map<string, Uint8Array>()
  for (const [key, bytes] of objects)
    if (key.startsWith(`${RUN}/final/`) || key === `${RUN}/receipt.json`) {
      before.set(key, bytes)
    }
  forget([...before.keys()])
  if (engine.machines().length === 0) engine.add()
  let isDone = false
  engine
    .submit(task)
    .done.then(returnedValue)
    .then(
      () => {
        isDone = true
      },
      (error) => blame(`the run could not be finished again: ${error}`),
    )
  await clock.run(() => isDone, clock.now() + PATIENCE)
  if (!isDone) blame('the run was not finished again')
  await clock.run(() => false, clock.now() + PATIENCE)
  for (const [key, bytes] of before)
    if (!objects.get(key) || !Buffer.from(bytes).equals(objects.get(key)!))
      blame(`${key} is another when it is made again`)
}

function strike(world: World, engine: Engine, kind: string, ms: number) {
  const { clock, random, tell } = world
  const machines = engine.machines()
  if (machines.length === 0) return
  const machine = random.pick(machines)
  tell(machine.name, '!', kind)
  if (kind === 'die') {
    machine.isDead = true
    // An engine misses a worker's heartbeat after a while.
    clock.after(random.delay(15_000), () => engine.giveUp(machine))
  } else if (kind === 'stall') {
    machine.stalledUntil = clock.now() + ms
    if (ms > 15_000) clock.after(15_000, () => engine.giveUp(machine))
  } else if (kind === 'suspect') engine.giveUp(machine)
  else if (kind === 'leave') engine.release(machine)
  else if (kind === 'misload') machine.isMisloaded = true
  if (kind !== 'misload') clock.after(random.delay(10_000), () => engine.add())
}

/** Does tasks as a worker does: each machine has definitions of its own, with their caches. */
function createWork(world: World, store: Store, attempts: Attempts): Work {
  const known = new Map<Machine, TaskDefinition[]>()
  return (machine, task, host) => {
    let tasks = known.get(machine)
    if (!tasks) {
      const remote = createRemoteStore(world, machine, store)
      tasks = taskDefinitions(createSimulatedPool(world, machine, attempts), {
        storeOf: () => remote,
        codeOf: (name) => ({ experiment: { name, module: 'nowhere', memory: undefined } }),
      })
      known.set(machine, tasks)
    }
    return nodeDefinition(tasks, task.kind)!.run(task, host)
  }
}
