/** The entry point of a pool's child process: loads experiments and runs batches on command. */
import { rmSync } from 'node:fs'
import type { Experiment } from '../../experiment/experiment.js'
import { loadExperiment } from '../module/load.js'
import type { Boot, Order } from '../protocol.js'
import { openStatusFile } from '../status-file.js'
import { openChannel } from './channel.js'
import { becomePoolProcess } from './pool-process.js'
import { prepareRun, type Running } from './run-specs.js'
import { watchSharedState } from './shared-state.js'
import { createSpecReader } from './spec-rows.js'
import { startWatchdog } from './watchdog.js'

/** Time in ms that the watchdog has after the pool is gone, before this process ends itself. */
const WATCHDOG_MS = 2000

const { statusFile, folder, poolFolder, memory, worker, key, parentPid, argv }: Boot = JSON.parse(process.argv[2]!)
process.argv.splice(2, 1, ...argv)
const { kill, pid } = process
const exit = process.exit.bind(process)
const parked = becomePoolProcess()
const status = openStatusFile(statusFile)
const watchdog = startWatchdog({ parentPid, status: status.shared, poolFolder })

const experiments = new Map<string, Experiment>()
let stop = new AbortController()
let running: Running | undefined
const shared = watchSharedState(() => {
  if (running) running.onSet()
  // Before the first spec, the module itself sets it.
  else if (status.hasBegun) shared.resetProcess()
})

const channel = openChannel(key, (command) => {
  if (command.type === 'load') void load(command.experiment, command.modules)
  else if (command.type === 'run') void run(command)
  else if (command.type === 'leave') void leave()
  else stop.abort(new DOMException('The run was cancelled.', 'AbortError'))
})
const readSpecs = createSpecReader(channel.readSpecs)

process.on('uncaughtException', (thrown) => {
  if (running) running.uncaught(thrown)
  else console.error(thrown)
})
process.on('exit', writeStatus)
process.on('disconnect', end)
// The pool may have exited while this process started, in which case no event reports it.
if (!process.connected) end()

/** Writes the status. Ignores failures, because user code may have closed the file. */
function writeStatus(): void {
  try {
    status.flush()
  } catch {}
}

/**
 * Ends this process and everything that it started, unless the watchdog already has: the watchdog
 * may be slow to start.
 */
function end(): void {
  setTimeout(() => {
    try {
      if (process.ppid !== parentPid) rmSync(poolFolder, { recursive: true, force: true, maxRetries: 5 })
    } finally {
      kill(-pid, 'SIGKILL')
    }
  }, WATCHDOG_MS)
}

/** Exits normally: output is flushed, and the user's exit handlers run. */
async function leave(): Promise<void> {
  const { stdout, stderr } = process
  await Promise.all([stdout, stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))))
  exit(0)
}

async function load(name: string, modules: readonly string[]): Promise<void> {
  try {
    if (isSpoiled()) return
    const experiment = await loadExperiment(name, modules, parked)
    // The limit is for specs: the memory of Node and the modules does not count.
    if (experiments.size === 0) watchdog.limitMemory(process.memoryUsage.rss() + memory)
    experiments.set(name, experiment)
    shared.remember()
    const { executionTimeout, retries, isolation } = experiment
    channel.send({ type: 'loaded', limits: { executionTimeout, retries, isolation } })
  } catch (error) {
    channel.send({ type: 'not-loaded', reason: (error as Error).message })
  }
}

/** Returns whether leftover work of specs changed the shared state. If so, this process ends. */
function isSpoiled(): boolean {
  const what = status.hasBegun ? shared.changed() : undefined
  if (what !== undefined) void channel.leave({ type: 'changed', what })
  return what !== undefined
}

async function run(order: Order): Promise<void> {
  stop = new AbortController()
  const { signal } = stop
  // Changes before the first spec come from the module and are valid.
  if (!status.hasBegun) shared.remember()
  else if (isSpoiled()) return
  const experiment = experiments.get(order.batch.experiment.name)!
  const { stopped } = watchdog
  running = prepareRun(experiment, order, signal, { channel, status, shared, readSpecs, stopped, folder, worker })
  try {
    const seconds = await running.run()
    channel.send({ type: 'done', seconds })
  } catch (error) {
    if (!signal.aborted) await running.fail(error)
    channel.send({ type: 'stopped' })
  } finally {
    running = undefined
  }
}
