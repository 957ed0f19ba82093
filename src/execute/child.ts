/** What a process of a pool runs: loads experiments and runs batches, as it is told. */
import type { Experiment } from '../experiment/experiment.js'
import { openChannel } from './channel.js'
import { loadExperiment } from './load.js'
import type { Boot, Order } from './protocol.js'
import { becomePoolProcess } from './role.js'
import { runSpecs } from './runner.js'
import { createSpecReader } from './spec-rows.js'
import { openStatusFile } from './status-file.js'
import { describeThrown } from './thrown.js'
import { startWatchdog } from './watchdog.js'

/** Left to the watchdog when the pool is gone, before this process ends itself. */
const WATCHDOG_MS = 2000

const { statusFile, folder, poolFolder, memory, worker, parentPid, argv }: Boot = JSON.parse(process.argv[2]!)
process.argv.splice(2, 1, ...argv)
const parked = becomePoolProcess()
const status = openStatusFile(statusFile)
const watchdog = startWatchdog({ parentPid, statusFd: status.fd, poolFolder })

const experiments = new Map<string, Experiment>()
let stop = new AbortController()

const channel = openChannel((command) => {
  if (command.type === 'load') void load(command.experiment, command.modules)
  else if (command.type === 'run') void run(command)
  else stop.abort(new DOMException('The run was cancelled.', 'AbortError'))
})
const readSpecs = createSpecReader(channel.readSpecs)

process.on('uncaughtException', (thrown) => {
  console.error(thrown)
  channel.send({ type: 'uncaught', thrown: describeThrown(thrown, 'UncaughtException') }, () => process.exit(1))
})
process.on('disconnect', () => {
  setTimeout(() => process.kill(-process.pid, 'SIGKILL'), WATCHDOG_MS)
})

async function load(name: string, modules: readonly string[]): Promise<void> {
  try {
    const experiment = await loadExperiment(name, modules, parked)
    // The limit is for specs: they are not to blame for what Node and the modules take.
    if (experiments.size === 0) watchdog.limitMemory(process.memoryUsage.rss() + memory)
    experiments.set(name, experiment)
    const { executionTimeout, retries } = experiment
    channel.send({ type: 'loaded', limits: { executionTimeout, retries } })
  } catch (error) {
    channel.send({ type: 'not-loaded', reason: (error as Error).message })
  }
}

async function run(order: Order): Promise<void> {
  stop = new AbortController()
  const { signal } = stop
  try {
    const experiment = experiments.get(order.batch.experiment.name)!
    const seconds = await runSpecs(experiment, order, signal, { channel, status, readSpecs, folder, worker })
    channel.send({ type: 'done', seconds })
  } catch (error) {
    channel.send(signal.aborted ? { type: 'stopped' } : { type: 'failed', thrown: describeThrown(error, 'Error') })
  }
}
