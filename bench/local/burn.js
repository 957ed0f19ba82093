// Arithmetic that takes about 20 ms on one processor, and needs nothing of the system. `node burn.js <times>` does it by itself.
import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'

const TURNS = 700_000

export function work(n) {
  let x = n
  for (let turn = 0; turn < TURNS; turn++) x = Math.sin(x) + turn
  return x
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const times = Number(process.argv[2])
  const started = performance.now()
  for (let n = 0; n < times; n++) work(n)
  const seconds = (performance.now() - started) / 1000
  console.log(JSON.stringify({ seconds, rate: times / seconds }))
}
