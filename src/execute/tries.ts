import type { Experiment } from '../experiment/experiment.js'
import { type Output, outputParser } from '../experiment/output.js'
import { experimentTables } from '../experiment/tables.js'
import { TryContext } from './context.js'
import { OutputInvalidError, SpecTimedOutError } from './errors.js'
import { keepOutputFile } from './output-files.js'
import type { Batch, FinishedRows } from './pool.js'
import { monotonicNow } from './status-file.js'

/** What a try came to. */
export interface Result {
  readonly output: Output
  /** Output field to its file's address. */
  readonly uris: Readonly<Record<string, string>>
  readonly files: FinishedRows['files']
}

const NO_URIS: Result['uris'] = {}
const NO_FILES: Result['files'] = []

/** Tries at the specs of one batch, one at a time. */
export interface Tries {
  /** Throws what the function throws, `OutputInvalidError`, or `SpecTimedOutError` where it took too long and came back. */
  run(spec: Record<string, unknown>, sortIndex: number, attempt: number, startedAt: number): Promise<Result>
  /** Tells the try under way that its time is over, where it is. Gives whether it was told now. */
  checkTime(): boolean
  /** Tells the try under way to stop. */
  abort(reason: Error): void
}

export function createTries(
  experiment: Experiment,
  batch: Batch,
  folders: { readonly own: string; readonly outbox: string },
): Tries {
  const { fn, executionTimeout } = experiment
  const parse = outputParser(experiment)
  const hasFiles = experimentTables(experiment).outputFiles.length > 0
  const scope = { batch, folder: folders.own }
  let current: TryContext | undefined
  let startedAt = 0
  let isTold = false

  const isLate = () => monotonicNow() - startedAt > executionTimeout

  function toResult(returned: unknown, ctx: TryContext): Result {
    const parsed = parse(returned)
    if ('problem' in parsed) throw new OutputInvalidError(parsed.problem)
    if (!hasFiles) return { output: parsed.output, uris: NO_URIS, files: NO_FILES }
    const uris: Record<string, string> = {}
    const files: FinishedRows['files'][number][] = []
    for (const field in parsed.output.files) {
      const kept = keepOutputFile(batch, field, parsed.output.files[field]!, ctx, folders.outbox)
      uris[field] = kept.uri
      if (kept.file) files.push(kept.file)
    }
    return { output: parsed.output, uris, files }
  }

  return {
    async run(spec, sortIndex, attempt, now) {
      const ctx = new TryContext(scope, sortIndex, attempt)
      current = ctx
      isTold = false
      startedAt = now
      try {
        let returned = fn(spec, ctx)
        if (isThenable(returned)) returned = await returned
        if (isLate()) throw new SpecTimedOutError(executionTimeout)
        return toResult(returned, ctx)
      } catch (error) {
        throw isTold ? new SpecTimedOutError(executionTimeout) : error
      } finally {
        current = undefined
        ctx.removeTempdir()
      }
    },
    checkTime() {
      if (!current || isTold || !isLate()) return false
      isTold = true
      current.abort(new DOMException(new SpecTimedOutError(executionTimeout).message, 'TimeoutError'))
      return true
    },
    abort(reason) {
      current?.abort(reason)
    },
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
