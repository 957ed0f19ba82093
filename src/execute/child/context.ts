import { mkdirSync, realpathSync, rmSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { ExperimentContext, ExperimentLog } from '../../experiment/experiment.js'
import { type LogLevel, writeLog } from '../../settings/log.js'
import type { Batch } from '../executor.js'

/** The properties that all attempts of a batch share. */
export interface ContextScope {
  readonly batch: Batch
  /** The process's own folder. */
  readonly folder: string
}

/**
 * The `ctx` of one attempt, with the methods that end the attempt. Properties are created on first
 * access, because most functions use none.
 */
export class AttemptContext implements ExperimentContext {
  readonly #scope: ContextScope
  readonly sortIndex: number
  readonly attempt: number
  #log: ExperimentLog | undefined
  #tempdir: string | undefined
  #controller: AbortController | undefined
  #abortedFor: Error | undefined
  /** Why the attempt's folder could not be created: most likely, the function is not the cause. */
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

  /** Returns whether a path, with all links resolved, is in the attempt's own temporary folder. */
  owns(path: string): boolean {
    return this.#tempdir !== undefined && path.startsWith(realpathSync(this.#tempdir) + sep)
  }

  removeTempdir(): void {
    if (this.#tempdir === undefined) return
    try {
      rmSync(this.#tempdir, { recursive: true, force: true, maxRetries: 2 })
    } catch (error) {
      // Leftover work of the function still writes there. The pool removes it with the process's
      // folder.
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
