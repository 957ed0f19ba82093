import { mkdirSync, realpathSync, rmSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { ExperimentContext, ExperimentLog } from '../../experiment/experiment.js'
import { type LogLevel, writeLog } from '../../settings/log.js'
import type { Batch } from '../executor.js'

/** What is the same for all tries of a batch. */
export interface ContextScope {
  readonly batch: Batch
  /** The process's own folder. */
  readonly folder: string
}

/** The `ctx` of one try, and how it is ended. What a function does not ask for is not made: most ask for nothing. */
export class AttemptContext implements ExperimentContext {
  readonly #scope: ContextScope
  readonly sortIndex: number
  readonly attempt: number
  #log: ExperimentLog | undefined
  #tempdir: string | undefined
  #controller: AbortController | undefined
  #abortedFor: Error | undefined
  /** Why its folder could not be made: most likely the function has no part in that. */
  failure: Error | undefined

  constructor(scope: ContextScope, sortIndex: number, attempt: number) {
    this.#scope = scope
    this.sortIndex = sortIndex
    this.attempt = attempt
  }

  get experimentId(): string {
    return this.#scope.batch.experimentId
  }

  get workflowRunId(): string {
    return this.#scope.batch.workflowRunId
  }

  get rootWorkflowRunId(): string {
    return this.#scope.batch.rootWorkflowRunId
  }

  get log(): ExperimentLog {
    this.#log ??= createLog(this.#scope.batch, this.sortIndex)
    return this.#log
  }

  get tempdir(): string {
    if (this.#tempdir === undefined) {
      const tempdir = join(this.#scope.folder, `try-${this.sortIndex}-${this.attempt}`)
      try {
        mkdirSync(tempdir, { recursive: true })
      } catch (error) {
        this.failure = error as Error
        throw error
      }
      this.#tempdir = tempdir
    }
    return this.#tempdir
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#abortedFor) this.#controller.abort(this.#abortedFor)
    }
    return this.#controller.signal
  }

  abort(reason: Error): void {
    this.#abortedFor ??= reason
    this.#controller?.abort(reason)
  }

  /** Whether a path, all links followed, lies in the folder that goes with this try. */
  owns(path: string): boolean {
    return this.#tempdir !== undefined && path.startsWith(realpathSync(this.#tempdir) + sep)
  }

  removeTempdir(): void {
    if (this.#tempdir === undefined) return
    try {
      rmSync(this.#tempdir, { recursive: true, force: true, maxRetries: 2 })
    } catch (error) {
      // Something that the function left running still writes there. The pool removes it with the process's folder.
      this.log.warn(`could not remove ctx.tempdir: ${error}`)
    }
  }
}

function createLog({ experiment: { name: experiment }, experimentId, start, end }: Batch, spec: number): ExperimentLog {
  const fields = { experiment, run: experimentId, batch: `${start}-${end}`, spec }
  const line = (level: LogLevel) => (message: string) => {
    writeLog(level, message, fields, `[${experiment} ${spec}] ${level} ${message}`)
  }
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}
