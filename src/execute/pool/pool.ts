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
  /** Number of processes, each of which runs one batch at a time. */
  readonly slots: number
  /** The worker's name, which error rows contain. */
  readonly worker: string
  /**
   * URLs of modules to import if an experiment's own module does not register it. Default: the
   * script that Node runs.
   */
  readonly programs?: readonly string[]
  /** The environment of the pool's processes. Default: the environment of this process. */
  readonly env?: Environment
  /** Parent folder of the temporary folders. Default: the system's temporary folder. */
  readonly tempRoot?: string
}

/**
 * Creates a pool. It starts its processes when they are needed, and keeps them for later batches.
 */
export function createPool({ slots, worker, programs, env, tempRoot = tmpdir() }: PoolOptions): Executor {
  const poolFolder = makePoolFolder(tempRoot)
  void sweepPoolFolders(tempRoot).catch(() => {})
  const files = createFileCache(join(poolFolder, 'files'))
  const room = createSemaphore(slots)
  const changes = createChangeCounts()
  const closing = new AbortController()
  // Every running batch listens to this signal.
  setMaxListeners(0, closing.signal)
  /** Maps every process to the kind of experiment that it can run. */
  const processes = new Map<ChildProcess, string>()
  const idle: ChildProcess[] = []
  const busy = new Set<ChildProcess>()
  const running = new Set<Promise<BatchResult>>()
  let started = 0
  /** Why the last process could not be started. Reset when a process has worked again. */
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
      // The folder of a busy process may still contain files that wait for their upload.
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
    // An idle process of another kind makes room.
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
      // More processes than CPUs would slow down each other's start. Slots beyond that number are
      // for specs that wait for something else.
      while (processes.size < Math.min(slots, usableCpus())) {
        const child = start(experiment)
        idle.push(child)
        // The first batch reports the failure.
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
      // Idle processes exit by themselves, so that the user's exit handlers run.
      for (const child of idle.splice(0)) child.leave()
      for (const child of processes.keys()) if (!child.isEnding) child.kill()
      await awake(Promise.allSettled([...running, ...[...processes.keys()].map((child) => child.exited)]))
      process.off('exit', atExit)
      await rm(poolFolder, { recursive: true, force: true, maxRetries: 8 }).catch(() => {})
    },
  }
}

/**
 * Keeps this process alive until `work` settles. The pool's processes do not keep it alive
 * themselves.
 */
function awake<T>(work: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 2 ** 30)
  return work.finally(() => clearInterval(timer))
}

/**
 * Returns the kind of process that an experiment needs: a process serves all experiments of one
 * module that have the same memory limit.
 */
function kindOf({ module, memory }: Batch['experiment']): string {
  return `${memory ?? ''} ${module}`
}

function removeNow(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // Another process still writes there, and an exit handler cannot wait.
  }
}

function mainScript(): string[] {
  const script = process.argv[1]
  return script && existsSync(script) ? [pathToFileURL(realpathSync(script)).href] : []
}

/**
 * Returns the experiment's module, followed by the programs: a helper that the program calls may
 * register the experiment.
 */
function modulesOf({ module }: Batch['experiment'], programs: readonly string[] = mainScript()): string[] {
  return [...new Set([module, ...programs.filter((program) => !program.startsWith(OWN))])]
}
