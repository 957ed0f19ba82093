import { parentPort, workerData } from 'node:worker_threads'
import { simulate } from './simulate.js'

/** What a thread's seeds came to. */
export interface Share {
  seeds: number
  resumed: number
  readonly struck: Record<string, number>
  readonly failed: { readonly seed: number; readonly rule: string }[]
}

const { first, step, end, until } = workerData as { first: number; step: number; end: number; until: number }
const share: Share = { seeds: 0, resumed: 0, struck: {}, failed: [] }
for (let seed = first; seed < end && Date.now() < until; seed += step) {
  const { broken, struck, resumed } = await simulate(seed)
  share.seeds += 1
  for (const times of resumed.values()) share.resumed += times
  for (const [fault, times] of struck) share.struck[fault] = (share.struck[fault] ?? 0) + times
  if (broken[0]) share.failed.push({ seed, rule: broken[0] })
}
parentPort!.postMessage(share)
