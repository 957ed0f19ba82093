import { createRequire, syncBuiltinESMExports } from 'node:module'

/** A timer as code that runs on this clock holds it. */
interface Timer {
  readonly at: number
  /** Settles which of two at the same time comes first. */
  readonly order: number
  act(): void
  isCancelled: boolean
}

/**
 * Virtual time: what is to happen stands in one queue, and the clock jumps from one to the next once all code has come to rest. So
 * nothing depends on the machine, and an hour takes milliseconds.
 */
export interface Clock {
  /** In ms. */
  now(): number
  /** Has `act` done after `ms`. Gives how to take it back. */
  after(ms: number, act: () => void): () => void
  /** Goes on until `isOver` says so, nothing is left to come, or it is `until`. */
  run(isOver: () => boolean, until: number): Promise<'over' | 'still' | 'late'>
}

/** Every promise that can settle has settled by then. The real one: it is no part of the clock. */
const nextTurn = () => new Promise<void>((turn) => setImmediate(turn))

/** A moment in 2026, so that dates look like dates. */
const START = Date.UTC(2026, 0, 1)

export function createClock(): Clock {
  const heap: Timer[] = []
  let now = 0
  let order = 0

  const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order)

  function push(timer: Timer) {
    let at = heap.push(timer) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(timer, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = timer
  }

  function pop(): Timer | undefined {
    const first = heap[0]
    const last = heap.pop()
    if (!last || last === first) return first
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }

  return {
    now: () => now,
    after(ms, act) {
      const timer: Timer = { at: now + Math.max(0, ms), order: order++, act, isCancelled: false }
      push(timer)
      return () => {
        timer.isCancelled = true
      }
    },
    async run(isOver, until) {
      await nextTurn()
      for (;;) {
        if (isOver()) return 'over'
        const next = pop()
        if (!next) return 'still'
        if (next.isCancelled) continue
        if (next.at > until) {
          push(next)
          return 'late'
        }
        now = next.at
        next.act()
        await nextTurn()
      }
    },
  }
}

/** Puts the clock, and numbers drawn from a seed, in the place of the process's own. Gives how to take them back. */
export function installClock(clock: Clock, draw: () => number): () => void {
  const require = createRequire(import.meta.url)
  const promises = require('node:timers/promises')
  const cryptography = require('node:crypto')
  const replaced: (() => void)[] = []
  // biome-ignore lint/suspicious/noExplicitAny: what is replaced may be any object of the platform
  function replace(object: any, name: string, value: unknown) {
    const own = Object.getOwnPropertyDescriptor(object, name)
    Object.defineProperty(object, name, { value, configurable: true, writable: true })
    replaced.push(() => (own ? Object.defineProperty(object, name, own) : delete object[name]))
  }

  const stops = new WeakMap<object, () => void>()
  function timer(schedule: (again: () => void) => () => void, act: () => void, repeats: boolean) {
    const handle = { ref: () => handle, unref: () => handle, hasRef: () => true, [Symbol.dispose]: () => clear(handle) }
    const fire = () => {
      if (repeats) stops.set(handle, schedule(fire))
      act()
    }
    stops.set(handle, schedule(fire))
    return handle
  }
  const clear = (handle?: object) => handle && stops.get(handle)?.()
  const start =
    (repeats: boolean) =>
    (act: (...args: unknown[]) => void, ms = 1, ...args: unknown[]) =>
      timer(
        (fire) => clock.after(Math.max(1, ms), fire),
        () => act(...args),
        repeats,
      )
  const sleep = (ms = 1, value?: unknown, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      const fail = () =>
        reject(Object.assign(new Error('The operation was aborted'), { code: 'ABORT_ERR', name: 'AbortError' }))
      if (signal?.aborted) return fail()
      const stop = clock.after(Math.max(1, ms), () => {
        signal?.removeEventListener('abort', abort)
        resolve(value)
      })
      const abort = () => {
        stop()
        fail()
      }
      signal?.addEventListener('abort', abort, { once: true })
    })
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(draw() * 16).toString(16)).join('')
  const randomUUID = () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`

  for (const [name, value] of Object.entries({
    setTimeout: start(false),
    setInterval: start(true),
    clearTimeout: clear,
    clearInterval: clear,
  }))
    replace(globalThis, name, value)
  replace(promises, 'setTimeout', sleep)
  replace(cryptography, 'randomUUID', randomUUID)
  replace(globalThis.crypto, 'randomUUID', randomUUID)
  replace(Math, 'random', draw)
  replace(Date, 'now', () => START + clock.now())
  replace(performance, 'now', () => clock.now())
  replace(AbortSignal, 'timeout', (ms: number) => {
    const abort = new AbortController()
    clock.after(ms, () => abort.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')))
    return abort.signal
  })
  // What was imported by name follows.
  syncBuiltinESMExports()
  return () => {
    for (const restore of replaced.reverse()) restore()
    syncBuiltinESMExports()
  }
}
