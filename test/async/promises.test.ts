import { describe, expect, it } from 'vitest'
import { createMemo, deferred, remember } from '../../src/async/promises.js'

describe('a remembered promise', () => {
  it('is made once for all who ask', async () => {
    let made = 0
    const ask = remember(async () => ++made)
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1])
    expect(await ask()).toBe(1)
  })

  it('is made again after it was rejected', async () => {
    let attempts = 0
    const ask = remember(async () => {
      attempts++
      if (attempts === 1) throw new Error('away')
      return attempts
    })
    const both = [ask(), ask()]
    for (const answer of both) await expect(answer).rejects.toThrow('away')
    expect(await ask()).toBe(2)
  })

  it('is made again after it was forgotten, and returned once more for whoever closes it', async () => {
    let made = 0
    const ask = remember(async () => ++made)
    expect(ask.forget()).toBeUndefined()
    await ask()
    expect(await ask.forget()).toBe(1)
    expect(await ask()).toBe(2)
  })
})

describe('a memo of promises', () => {
  it('does not lose the next promise of a key when a forgotten one is rejected', async () => {
    const memo = createMemo<string, number>()
    const { promise, reject } = deferred<number>()
    memo.get('a', () => promise)
    memo.forget('a')
    const next = memo.get('a', async () => 2)
    reject(new Error('late'))
    await expect(promise).rejects.toThrow('late')
    expect(memo.get('a', async () => 3)).toBe(next)
  })

  it('keeps the latest keys alone', async () => {
    const memo = createMemo<number, number>(2)
    for (const key of [1, 2, 3]) memo.get(key, async () => key)
    expect(await memo.get(3, async () => 30)).toBe(3)
    expect(await memo.get(2, async () => 20)).toBe(2)
    expect(await memo.get(1, async () => 10)).toBe(10)
  })
})
