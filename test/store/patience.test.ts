import { beforeEach, describe, expect, it, vi } from 'vitest'
import { StoreUnusableError } from '../../src/store/errors.js'
import { BRIEF, createAttempt, enduring, lateWork, NONE } from '../../src/store/patience.js'
import { currentTroubles, listenToTroubles, troubleText } from '../../src/store/troubles.js'

const outage = (reason = '503 SlowDown', retryAfter?: number) =>
  new StoreUnusableError('s3://b', `It failed (${reason}).`, { trouble: 'outage', reason, retryAfter })
const refusal = () => new StoreUnusableError('s3://b', 'No.', { trouble: 'refusal', reason: '403 Forbidden' })

/** Work that fails with these, one after the other, then succeeds; with the times at which it was tried. */
function work(...failures: unknown[]) {
  const times: number[] = []
  return {
    times,
    async run() {
      times.push(Date.now())
      if (times.length <= failures.length) throw failures[times.length - 1]
      return 'done'
    },
  }
}

describe('waiting for a store', () => {
  let stores = 0
  /** None that was open before. */
  const store = () => `s3://b/${stores++}`

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 })
    return () => vi.useRealTimers()
  })

  it('retries after pauses that grow with jitter', async () => {
    const pauses = async () => {
      const { run, times } = work(...new Array(12).fill(outage()))
      const done = createAttempt(store(), { limit: 300_000 })(run)
      await vi.runAllTimersAsync()
      expect(await done).toBe('done')
      return times.slice(1).map((time, i) => time - times[i]!)
    }
    const all = await Promise.all(Array.from({ length: 20 }, pauses))
    const most = all[0]!.map((_, i) => Math.max(...all.map((some) => some[i]!)))
    expect(most.every((ms, i) => ms <= Math.min(10_000, 100 * 2 ** i))).toBe(true)
    expect(most[11]).toBeGreaterThan(2_000)
    expect(new Set(all.map(String)).size).toBe(20)
  })

  it('gives up at the time limit, with the last error and the time waited', async () => {
    const { run, times } = work(...new Array(1000).fill(outage()))
    const failed = expect(createAttempt(store(), BRIEF)(run)).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      message: 'It failed (503 SlowDown). It did not pass within 10s.',
      trouble: 'outage',
      isFinal: true,
    })
    await vi.runAllTimersAsync()
    await failed
    expect(times.at(-1)).toBe(10_000)
    expect(times.length).toBeLessThan(200)
  })

  it('does not wait again for an error that another caller has already waited for', async () => {
    const { run, times } = work(outage().afterWaiting('5m'))
    await expect(createAttempt(store(), enduring())(run)).rejects.toThrow('within 5m')
    expect(times).toHaveLength(1)
  })

  it('waits as long as the store asks, but not beyond the time limit', async () => {
    const patient = work(outage('503', 7_000))
    const done = createAttempt(store(), { limit: 60_000 })(patient.run)
    await vi.runAllTimersAsync()
    expect(await done).toBe('done')
    expect(patient.times[1]).toBeGreaterThanOrEqual(7_000)
    const hurried = work(outage('503', 3_600_000))
    const last = createAttempt(store(), BRIEF)(hurried.run)
    await vi.runAllTimersAsync()
    expect(await last).toBe('done')
    expect(hurried.times[1]! - hurried.times[0]!).toBe(10_000)
  })

  it('retries a refusal only if the store allowed access before and the caller endures refusals', async () => {
    const strange = store()
    await expect(createAttempt(strange, enduring())(work(refusal()).run)).rejects.toThrow('No.')
    await createAttempt(strange, NONE)(work().run)
    const done = createAttempt(strange, enduring())(work(refusal(), refusal()).run)
    await vi.runAllTimersAsync()
    expect(await done).toBe('done')
    await expect(createAttempt(strange, BRIEF)(work(refusal()).run)).rejects.toThrow('No.')
  })

  it('does not wait for permanent errors, nor for errors of anything but a store', async () => {
    const errors = [new StoreUnusableError('s3://b', 'No such bucket.'), new Error('other'), { code: 'STORE_UNUSABLE' }]
    for (const error of errors) {
      const { run, times } = work(error)
      await expect(createAttempt(store(), enduring())(run)).rejects.toBe(error)
      expect(times).toHaveLength(1)
    }
    await expect(createAttempt(store(), NONE)(work(outage()).run)).rejects.toThrow('It failed')
  })

  it('stops waiting when the signal aborts, whatever is in flight', async () => {
    const abort = new AbortController()
    const reason = new Error('stopped')
    const attempt = createAttempt(store(), enduring(abort.signal))
    const waiting = attempt(work(...new Array(1000).fill(outage('503', 100_000))).run)
    let end = () => {}
    const hanging = attempt(() => new Promise<void>((resolve) => (end = resolve)))
    const ending = attempt(() => new Promise((resolve) => setTimeout(resolve, 500, 'in time')))
    const all = Promise.allSettled([waiting, hanging, ending])
    abort.abort(reason)
    await vi.advanceTimersByTimeAsync(0)
    await expect(waiting).rejects.toBe(reason)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await all).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
      { status: 'fulfilled', value: 'in time' },
    ])
    const after = work()
    await expect(attempt(after.run)).rejects.toBe(reason)
    expect(after.times).toEqual([])
    const late = lateWork()
    end()
    await late
    expect(lateWork()).toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('reports the store as back once any caller is answered, even if another caller gives up later', async () => {
    const said: string[] = []
    const back = store()
    const deaf = listenToTroubles((trouble, over) => said.push(troubleText(trouble, over)))
    const abort = new AbortController()
    const stopped = createAttempt(back, enduring(abort.signal))(work(...new Array(9).fill(outage('503', 20_000))).run)
    const answered = createAttempt(back, { limit: 60_000 })(work(outage('503', 4_000), outage('503', 4_000)).run)
    stopped.catch(() => {})
    await vi.advanceTimersByTimeAsync(15_000)
    expect(await answered).toBe('done')
    abort.abort(new Error('stopped'))
    await vi.advanceTimersByTimeAsync(0)
    expect(said).toEqual([expect.stringMatching(/ is away /), expect.stringMatching(/ is back after 15 s$/)])
    deaf()
  })

  it('reports the store as back once a later caller is answered, even if the first one gives up before it retries', async () => {
    const said: string[] = []
    const back = store()
    const deaf = listenToTroubles((trouble, over) => said.push(troubleText(trouble, over)))
    const abort = new AbortController()
    const stopped = createAttempt(back, enduring(abort.signal))(work(outage('503', 3_000), outage('503', 20_000)).run)
    stopped.catch(() => {})
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await createAttempt(back, { limit: 60_000 })(work().run)).toBe('done')
    abort.abort(new Error('stopped'))
    await vi.advanceTimersByTimeAsync(0)
    expect(said).toEqual([expect.stringMatching(/ is away /), expect.stringMatching(/ is back after 10 s$/)])
    deaf()
  })

  it('reports an outage once after two seconds, and reports once that the store is back', async () => {
    const said: string[] = []
    const away = store()
    const deaf = listenToTroubles((trouble, over) => said.push(troubleText(trouble, over)))
    const attempt = createAttempt(away, { limit: 60_000 })
    const brief = attempt(work(outage(), outage()).run)
    await vi.runAllTimersAsync()
    await brief
    expect(said).toEqual([])

    let isAway = true
    const requests = Array.from({ length: 50 }, () =>
      attempt(async () => {
        if (isAway) throw outage('500 InternalError')
      }),
    )
    await vi.advanceTimersByTimeAsync(15_000)
    expect(said).toEqual([`${away} is away (500 InternalError): waiting for it`])
    expect(currentTroubles()).toMatchObject([{ store: away, reason: '500 InternalError' }])
    isAway = false
    await vi.runAllTimersAsync()
    await Promise.all(requests)
    expect(said[1]).toMatch(new RegExp(`^${away} is back after (1[5-9]|2\\d) s$`))
    expect(said).toHaveLength(2)
    expect(currentTroubles()).toEqual([])

    const failed = expect(attempt(work(...new Array(1000).fill(outage('ENOSPC'))).run)).rejects.toThrow('1m')
    await vi.runAllTimersAsync()
    await failed
    expect(said.slice(2)).toEqual([
      `${away} is away (ENOSPC): waiting for it`,
      `${away} is not waited for any longer, after 60 s (ENOSPC)`,
    ])
    deaf()
  })

  it('waits as long as SCYTHE_STORAGE_PATIENCE, or five minutes by default', () => {
    expect(enduring()).toMatchObject({ limit: 300_000, refusals: true })
    vi.stubEnv('SCYTHE_STORAGE_PATIENCE', '90s')
    expect(enduring()).toMatchObject({ limit: 90_000 })
    vi.unstubAllEnvs()
  })
})
