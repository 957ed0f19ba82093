import { type Deferred, deferred, rejectOnAbort } from '../../src/async/promises.js'
import type { Task, TaskEnd, TaskHandle, TaskHost } from '../../src/scatter/task.js'
import { createMachine, type Machine } from './machine.js'
import { isWithin, strikes, type World } from './world.js'

/** Does a task on a machine. */
export type Work = (machine: Machine, task: Task, host: TaskHost) => Promise<unknown>

/** An engine that delivers at least once, forgets and reorders, and the machines that it feeds. */
export interface Engine {
  submit(task: Task): TaskHandle
  /** Machines that live. */
  machines(): readonly Machine[]
  /** Starts another machine. */
  add(): void
  /** Thinks a machine dead, be it so or not: what it has in hand goes to others. */
  giveUp(machine: Machine): void
  /** Takes what a machine has in hand back, and feeds it no more. */
  release(machine: Machine): void
  /** Tasks that have not ended. */
  open(): number
}

/** A task that the engine was handed. */
interface Entry {
  readonly id: string
  readonly root: Entry | undefined
  readonly task: Task
  readonly children: Map<string, Entry>
  readonly begun: Deferred<void>
  readonly ended: Deferred<TaskEnd>
  isOver: boolean
  isCancelled: boolean
  readonly runs: Set<Run>
}

/** An entry on a machine. */
interface Run {
  readonly entry: Entry
  readonly machine: Machine
  readonly abort: AbortController
}

class HandedBack extends Error {}

export function createEngine(world: World, work: Work): Engine {
  const { clock, random, scenario, tell } = world
  const { latency, double, ghost, silence, drop, mute, stray, outages } = scenario.engine
  const machines = new Map<Machine, { leaves: number; readonly runs: Set<Run> }>()
  const queue: Entry[] = []
  let ids = 0
  let names = 0
  let open = 0

  /** A message between the engine and others arrives, late where the engine is away. */
  function send(act: () => void) {
    const away = outages.find((outage) => isWithin([outage], clock.now()))
    if (away && !world.isCalm()) world.struck.set('engine away', 1)
    clock.after((away ? away.until - clock.now() : 0) + random.delay(latency), act)
  }

  function create(task: Task, parent: Entry | undefined): Entry {
    open += 1
    const id = `task-${++ids}`
    tell('engine', 'takes', id, task.kind, task.start, task.end, 'of', parent?.id ?? 'nobody')
    return {
      id,
      root: parent?.root ?? parent,
      task,
      children: new Map(),
      begun: deferred(),
      ended: deferred(),
      isOver: false,
      isCancelled: false,
      runs: new Set(),
    }
  }

  function enqueue(entry: Entry) {
    if (entry.isOver || queue.includes(entry)) return
    queue.push(entry)
    feed()
  }

  /** Whatever order it was asked in. */
  function feed() {
    for (let at = random.between(0, queue.length), left = queue.length; left > 0; left--) {
      at = at % queue.length
      const entry = queue[at]!
      const machine = roomFor(entry.task)
      if (machine) {
        queue.splice(at, 1)
        start(entry, machine)
        if (strikes(world, 'task doubled', double)) clock.after(random.delay(5_000), () => startAgain(entry))
        if (entry.task.kind === 'leaf' && strikes(world, 'batch cancelled', stray))
          clock.after(random.delay(2_000), () => cancel(entry))
      } else at += 1
    }
  }

  function startAgain(entry: Entry) {
    const machine = roomFor(entry.task)
    if (machine && !entry.isOver) start(entry, machine)
  }

  function roomFor({ kind }: Task): Machine | undefined {
    const free = [...machines].filter(([, { leaves }]) => kind === 'fan' || leaves < scenario.slots)
    return free.length > 0 ? random.pick(free)[0] : undefined
  }

  function start(entry: Entry, machine: Machine) {
    const run: Run = { entry, machine, abort: new AbortController() }
    const room = machines.get(machine)!
    if (entry.task.kind === 'leaf') room.leaves += 1
    room.runs.add(run)
    entry.runs.add(run)
    send(() => {
      if (machine.isDead) return
      tell(machine.name, 'begins', entry.id)
      entry.begun.resolve()
      // As adapters do: a task that is stopped has ended at once for the engine, whatever of it still runs.
      Promise.race([work(machine, entry.task, hostOf(run)), rejectOnAbort(run.abort.signal)]).then(
        (value) => end(run, { id: entry.id, status: 'returned', value: JSON.parse(JSON.stringify(value ?? null)) }),
        (error) => end(run, { id: entry.id, status: 'failed', error: carried(error) }),
      )
    })
  }

  /** A task has ended on a machine, which tells the engine. */
  function end(run: Run, outcome: TaskEnd) {
    const { entry, machine, abort } = run
    if (machine.isDead) return
    tell(machine.name, 'ends', entry.id, 'error' in outcome ? String(outcome.error) : 'well')
    const isHandedBack = abort.signal.reason instanceof HandedBack
    if ('error' in outcome && !isHandedBack) stopChildren(entry)
    abort.abort(new Error('It has ended.'))
    machine.after(0, () =>
      send(() => {
        if (!letGo(run)) return
        if (isHandedBack) enqueue(entry)
        else settle(entry, outcome)
      }),
    )
  }

  function letGo(run: Run): boolean {
    run.entry.runs.delete(run)
    const room = machines.get(run.machine)
    if (room?.runs.delete(run) && run.entry.task.kind === 'leaf') room.leaves -= 1
    feed()
    return !run.entry.isOver
  }

  function settle(entry: Entry, outcome: TaskEnd) {
    if (entry.isOver) return
    entry.isOver = true
    open -= 1
    if (queue.includes(entry)) queue.splice(queue.indexOf(entry), 1)
    entry.ended.resolve(outcome)
  }

  function cancel(entry: Entry) {
    if (entry.isOver) return
    tell('engine', 'cancels', entry.id)
    entry.isCancelled = true
    const error = failure('CANCELLED', `${entry.task.run} was stopped.`)
    for (const run of entry.runs) send(() => run.abort.abort(error))
    stopChildren(entry)
    settle(entry, { id: entry.id, status: 'cancelled', error })
  }

  function stopChildren(entry: Entry) {
    for (const child of entry.children.values()) cancel(child)
  }

  function hostOf({ entry, machine, abort }: Run): TaskHost {
    return {
      id: entry.id,
      rootId: entry.root?.id ?? entry.id,
      worker: machine.name,
      signal: abort.signal,
      window: scenario.window,
      report: () => {},
      spawn(task, key) {
        if (task.kind === 'single') throw new Error('There are no tasks of single specs here.')
        if (abort.signal.aborted) throw new Error('The fan has ended.')
        let child = entry.children.get(key)
        if (!child) {
          child = create(task, entry)
          entry.children.set(key, child)
          const asked = child
          // The id is given out first: where something breaks then, it is the id of nothing for good.
          if (strikes(world, 'task never came to be, in silence', silence)) return handleOf(child)
          if (strikes(world, 'task never came to be', ghost)) {
            clock.after(60_000 + random.delay(30_000), () =>
              settle(asked, {
                id: asked.id,
                status: 'lost',
                error: new Error(`The engine does not know ${asked.id}.`),
              }),
            )
          } else send(() => enqueue(asked))
        }
        return handleOf(child)
      },
    }
  }

  function handleOf(entry: Entry): TaskHandle {
    const done = entry.ended.promise.then(async (outcome) => {
      const isFailure = outcome.status !== 'returned'
      const isDropped = strikes(world, isFailure ? 'notice of a failure late' : 'notice lost', drop)
      if (isDropped && !isFailure) await new Promise(() => {})
      if (isDropped) await new Promise<void>((heard) => clock.after(60_000 + random.delay(60_000), heard))
      await new Promise<void>(send)
      return outcome
    })
    const isMute = strikes(world, 'start not told', mute)
    return {
      started: () => (isMute ? new Promise(() => {}) : entry.begun.promise.then(() => new Promise(send))),
      done,
      cancel: async () => cancel(entry),
    }
  }

  const engine: Engine = {
    submit(task) {
      const entry = create(task, undefined)
      send(() => enqueue(entry))
      return handleOf(entry)
    },
    machines: () => [...machines.keys()].filter(({ isDead }) => !isDead),
    add() {
      const machine = createMachine(world, `worker-${++names}`)
      machines.set(machine, { leaves: 0, runs: new Set() })
      feed()
    },
    giveUp(machine) {
      const room = machines.get(machine)
      if (!room) return
      machines.delete(machine)
      for (const { entry } of room.runs) enqueue(entry)
    },
    release(machine) {
      const room = machines.get(machine)
      if (!room) return
      machines.delete(machine)
      for (const run of room.runs) send(() => run.abort.abort(new HandedBack('The worker stops.')))
    },
    open: () => open,
  }
  return engine
}

/** As it comes out of an engine: its text and its code. */
function carried(error: unknown): Error {
  return failure(String((error as { code?: unknown })?.code ?? 'ERROR'), (error as Error)?.message ?? String(error))
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
