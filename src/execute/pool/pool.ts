import { setMaxListeners } from 'node:events'
import { existsSync, realpathSync, rmSync } from 'node:fs'
import { mkdtemp, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createSemaphore } from '../../async/concurrency.js'
import { OWN } from '../../own.js'
import type { Environment } from '../../settings/environment.js'
import { memoryShare, usableCpus } from '../../settings/machine.js'
import type { Batch, BatchHost, BatchResult, Executor } from '../executor.js'
import { createChangeCounts } from './change-counts.js'
import { type ChildProcess, startChildProcess } from './child-process.js'
import { createFileCache } from './file-cache.js'
import { loadInChild } from './load-in-child.js'
import { makePoolFolder, sweepPoolFolders } from './pool-folder.js'
import { runBatch } from './run-batch.js'

export interface PoolOptions {
  /** Processes, each with one batch at a time. */
  readonly slots: number
  /** The worker's name, for error rows. */
  readonly worker: string
  /** URLs of modules to look in for an experiment that its own does not register. Default: the script that Node runs. */
  readonly programs?: readonly string[]
  /** The environment of its processes. Default: that of this one. */
  readonly env?: Environment
  /** Where temporary folders are made. Default: the system's. */
  readonly tempRoot?: string
}

/** Makes a pool. It starts its processes when they are needed, and keeps them. */
export function createPool({ slots, worker, programs, env, tempRoot = tmpdir() }: PoolOptions): Executor {
  const poolFolder = makePoolFolder(tempRoot)
  void sweepPoolFolders(tempRoot).catch(() => {})
  const files = createFileCache(join(poolFolder, 'files'))
  const room = createSemaphore(slots)
  const changes = createChangeCounts()
  const closing = new AbortController()
  // Every batch under way listens to it.
  setMaxListeners(0, closing.signal)
  /** Every process to the kind of experiment that it can run. */
  const processes = new Map<ChildProcess, string>()
  const idle: ChildProcess[] = []
  const busy = new Set<ChildProcess>()
  const running = new Set<Promise<BatchResult>>()
  let started = 0
  /** Why the last process could not be started, until one is at work again. */
  let failure: string | undefined

  function endAll(): void {
    for (const child of processes.keys()) child.kill()
  }
  const atExit = () => {
    endAll()
    removeNow(poolFolder)
  }
  process.on('exit', atExit)

  function start(experiment: Batch['experiment']): ChildProcess {
    const child = startChildProcess({
      memory: experiment.memory ?? memoryShare(slots),
      folder: join(poolFolder, String(started++)),
      poolFolder,
      worker,
      env,
    })
    processes.set(child, kindOf(experiment))
    const gone = () => {
      processes.delete(child)
      if (idle.includes(child)) idle.splice(idle.indexOf(child), 1)
      // Files of a busy one may wait in its folder still.
      if (!busy.has(child)) void child.removeFolder()
    }
    child.exited.then(gone, (error) => {
      failure = error.message
      gone()
    })
    return child
  }

  function take(experiment: Batch['experiment'], isFresh: boolean): ChildProcess {
    const fits = (child: ChildProcess) => processes.get(child) === kindOf(experiment)
    const i = idle.findLastIndex((child) => fits(child) && (!isFresh || child.status().begun === 0))
    // An idle one that does not fit makes room.
    if (i < 0 && processes.size >= slots) idle.shift()?.leave()
    const child = i < 0 ? start(experiment) : idle.splice(i, 1)[0]!
    busy.add(child)
    return child
  }

  async function release(child: ChildProcess): Promise<void> {
    busy.delete(child)
    if (!child.isEnding) {
      failure = undefined
      idle.push(child)
    } else await child.exited.then(child.removeFolder, child.removeFolder)
    room.release()
  }

  function run(batch: Batch, host: BatchHost): Promise<BatchResult> {
    return runBatch(batch, host, {
      async takeProcess(signal, isFresh) {
        await room.acquire(signal)
        try {
          return take(batch.experiment, isFresh)
        } catch (error) {
          failure = (error as Error).message
          room.release()
          throw error
        }
      },
      releaseProcess: release,
      modules: modulesOf(batch.experiment, programs),
      files,
      worker,
      closing: closing.signal,
      changes: changes.of(batch.experiment.name, batch.rootWorkflowRunId),
    })
  }

  return {
    run(batch, host) {
      const result = awake(run(batch, host)).finally(() => running.delete(result))
      running.add(result)
      return result
    },
    warm(experiment) {
      // More would keep one another from starting: where there are more slots, they wait for something else.
      while (processes.size < Math.min(slots, usableCpus())) {
        const child = start(experiment)
        idle.push(child)
        // What is wrong with it, the first batch will say.
        loadInChild(child, experiment, modulesOf(experiment, programs)).catch(() => {})
      }
    },
    async problems() {
      try {
        await rmdir(await mkdtemp(join(poolFolder, 'probe-')))
        return failure === undefined ? [] : [`No process could be started: ${failure}`]
      } catch (error) {
        return [`The folder of the processes cannot be written to: ${(error as Error).message}`]
      }
    },
    async close() {
      closing.abort()
      // Those that are at nothing end by themselves, and run the exit handlers of the user's.
      for (const child of idle.splice(0)) child.leave()
      for (const child of processes.keys()) if (!child.isEnding) child.kill()
      await awake(Promise.allSettled([...running, ...[...processes.keys()].map((child) => child.exited)]))
      process.off('exit', atExit)
      await rm(poolFolder, { recursive: true, force: true, maxRetries: 8 }).catch(() => {})
    },
  }
}

/** Processes of a pool let ours end; what is under way does not. */
function awake<T>(work: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 2 ** 30)
  return work.finally(() => clearInterval(timer))
}

/** What a process is started for: it serves all experiments of one module that have the same limit. */
function kindOf({ module, memory }: Batch['experiment']): string {
  return `${memory ?? ''} ${module}`
}

function removeNow(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // Something still writes there, and an exit waits for nothing.
  }
}

function mainScript(): string[] {
  const script = process.argv[1]
  return script && existsSync(script) ? [pathToFileURL(realpathSync(script)).href] : []
}

/** The experiment's module, then the program: an experiment may be registered by a helper that the program calls. */
function modulesOf({ module }: Batch['experiment'], programs: readonly string[] = mainScript()): string[] {
  return [...new Set([module, ...programs.filter((program) => !program.startsWith(OWN))])]
}
