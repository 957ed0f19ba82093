/**
 * The code of a thread that ends its process if that takes too much memory, or too long for one input: the main thread cannot, while it
 * works. Why is written behind the name of the input. `beat` counts inputs, and has the largest resident memory in MB.
 */
export const WATCHDOG = `
const { appendFileSync } = require('node:fs')
const { workerData } = require('node:worker_threads')
const { beat, now, memory, patience } = workerData
let seen = -1
let since = Date.now()
setInterval(() => {
  const rss = process.memoryUsage.rss()
  Atomics.store(beat, 1, Math.max(Atomics.load(beat, 1), Math.round(rss / 2 ** 20)))
  if (rss > memory) end('it took more than ' + Math.round(memory / 2 ** 20) + ' MB')
  const inputs = Atomics.load(beat, 0)
  if (inputs !== seen) {
    seen = inputs
    since = Date.now()
  } else if (Date.now() - since > patience) end('it took more than ' + patience / 1000 + ' s')
}, 20)
function end(why) {
  appendFileSync(now, '\\n' + why)
  process.kill(process.pid, 'SIGKILL')
}
`
