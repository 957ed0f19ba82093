import { StoreUnusableError } from '../../src/store/errors.js'
import { type Attempt, createAttempt } from '../../src/store/patience.js'
import type { ObjectInfo, Piece, Store } from '../../src/store/store.js'
import type { Machine } from './machine.js'
import { isWithin, strikes, type World } from './world.js'

/** The store as a machine sees it: answers take their time, requests fail before or after they are done, and a dead machine hears nothing. */
export function createRemoteStore(
  world: World,
  machine: Machine,
  inner: Store,
  attempt: Attempt = (work) => work(),
): Store {
  const { random, clock, scenario, tell } = world
  const { latency, before, after, page, outages } = scenario.store

  const request = <T>(what: string, act: () => Promise<T>) => attempt(() => once(what, act))

  function once<T>(what: string, act: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const answer = (text: string, settle: () => void) =>
        machine.after(random.delay(latency), () => {
          tell(machine.name, what, text)
          settle()
        })
      const fail = (text: string) =>
        answer(text, () =>
          reject(
            new StoreUnusableError(inner.uri, `The request for ${what} failed (${text}).`, {
              trouble: 'outage',
              reason: text,
            }),
          ),
        )
      if (machine.isDead) return
      clock.after(Math.max(machine.stalledUntil - clock.now(), 0) + random.delay(latency), () => {
        // What was on its way when the machine died may arrive, or not.
        if (machine.isDead && random.chance(0.5)) return
        if (!world.isCalm() && isWithin(outages, clock.now())) {
          world.struck.set('store away', 1)
          return fail('503: away')
        }
        if (strikes(world, 'request failed', before)) return fail('500: nothing done')
        const isLost = strikes(world, 'answer lost', after)
        act().then(
          (value) => (isLost ? fail('500: done, answer lost') : answer(brief(value), () => resolve(value))),
          (error) => answer(String(error), () => reject(error)),
        )
      })
    })
  }

  return {
    ...inner,
    patient: (patience) => createRemoteStore(world, machine, inner, createAttempt(inner.uri, patience)),
    head: (key) => request(`head ${key}`, () => inner.head(key)),
    get: (key) => request(`get ${key}`, () => inner.get(key)),
    getRange: (key, start, end) => request(`get ${key} ${start}-${end}`, () => inner.getRange(key, start, end)),
    put: (key, body) => request(`put ${key}`, () => inner.put(key, body)),
    putIfAbsent: (key, body) => request(`put if absent ${key}`, () => inner.putIfAbsent(key, body)),
    async compose(key, pieces) {
      const all: Piece[] = []
      for await (const piece of pieces as AsyncIterable<Piece>) all.push(piece)
      return request(`compose ${key}`, () => inner.compose(key, all))
    },
    upload: (key, path) => request(`upload ${key}`, () => inner.upload(key, path)),
    copy: (from, to) => request(`copy ${from} ${to}`, () => inner.copy(from, to)),
    async *list(prefix, options) {
      let last = options?.after
      for (;;) {
        const infos = await request(`list ${prefix} after ${last}`, () =>
          firstOf(inner.list(prefix, last === undefined ? {} : { after: last }), page),
        )
        yield* infos
        if (infos.length < page) return
        last = infos.at(-1)!.key
      }
    },
    listFolders: (prefix) => request(`folders ${prefix}`, () => inner.listFolders(prefix)),
    delete(keys) {
      const all = [...keys]
      return request(`delete ${all.join(' ')}`, () => inner.delete(all))
    },
  }
}

async function firstOf(infos: AsyncIterable<ObjectInfo>, count: number): Promise<ObjectInfo[]> {
  const first: ObjectInfo[] = []
  for await (const info of infos) if (first.push(info) === count) break
  return first
}

function brief(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return `${value.length} names`
  return value === undefined ? 'ok, nothing' : JSON.stringify(value)
}
