import { ScytheError } from '../errors.js'
import { formatValue } from '../experiment/values.js'

/** A version is neither `v1.2.3` nor a strategy. */
export class VersionInvalidError extends ScytheError<'VERSION_INVALID'> {
  constructor(readonly version: string) {
    super(
      'VERSION_INVALID',
      `Expected version to be v1.2.3, bumpmajor, bumpminor, bumppatch or keep, got ${formatValue(version)}.`,
    )
  }
}

/** The code differs from the code that the run was allocated with. Nothing was started. */
export class CodeChangedError extends ScytheError<'CODE_CHANGED'> {
  constructor(
    readonly run: string,
    readonly module: string,
    /** The known changes besides the source itself. */
    readonly changed: readonly string[],
  ) {
    const what = changed.length > 0 ? ` (${changed.join(', ')})` : ''
    super(
      'CODE_CHANGED',
      `The code of ${module}, or what it imports, has changed since ${run} was allocated${what}, and its rows would come from both. ` +
        'Put that code back, allocate the specs again, or resume it all the same: --changed-code (changedCode: true in a script).',
    )
  }
}

/** No run has this name. */
export class RunNotFoundError extends ScytheError<'RUN_NOT_FOUND'> {
  constructor(
    readonly run: string,
    readonly store: string,
    readonly similar: readonly string[] = [],
    /** The command that lists the runs of the store. */
    list = 'scythe list',
  ) {
    const hint = similar.length > 0 ? ` It could be one of ${similar.join(', ')}.` : ` \`${list}\` shows what is there.`
    super('RUN_NOT_FOUND', `There is no run ${run} in ${store}.${hint}`)
  }
}

/** The run's allocation never ended: the run has no manifest, and nothing of it ran. */
export class RunIncompleteError extends ScytheError<'RUN_INCOMPLETE'> {
  constructor(readonly run: string) {
    super('RUN_INCOMPLETE', `The allocation of ${run} did not end, so it cannot be run. Allocate its specs again.`)
  }
}

/** The final tables were requested before they were written. */
export class RunNotDoneError extends ScytheError<'RUN_NOT_DONE'> {
  constructor(
    readonly run: string,
    /** The command that resumes the run; null if it cannot be resumed. */
    readonly resume: string | null = `scythe resume ${run}`,
  ) {
    const wayOut =
      resume === null
        ? 'They are written when all of its tasks have ended; if none is left, allocate its specs again.'
        : `Wait for it, or resume it: ${resume}`
    super('RUN_NOT_DONE', `${run} is not done, so it has no final tables yet. ${wayOut}`)
  }
}

/**
 * The run lacks the data needed to resume it: Python Scythe wrote it, or it is a run of a workflow.
 */
export class RunNotResumableError extends ScytheError<'RUN_NOT_RESUMABLE'> {
  constructor(readonly run: string) {
    super(
      'RUN_NOT_RESUMABLE',
      `${run} cannot be resumed: runs of Python Scythe and of workflows have no allocation.json, which says how. ` +
        'Allocate those of its specs that have no result as a run of their own: status() names them, specs() has them.',
    )
  }
}

/** No run can have a folder of this name. */
export class RunIdInvalidError extends ScytheError<'RUN_ID_INVALID'> {
  constructor(readonly run: string) {
    super(
      'RUN_ID_INVALID',
      `Expected a run to be <name>/v1.2.3/2026-01-31_12-00-00, its version and time in UTC, got ${formatValue(run)}.`,
    )
  }
}

/** The engine reports that the run has ended, but the run is not done. */
export class RunEndedError extends ScytheError<'RUN_ENDED'> {
  constructor(readonly run: string) {
    super('RUN_ENDED', `${run} ended before every spec was accounted for. What is done is kept: resume it.`)
  }
}

export class TableNotFoundError extends ScytheError<'TABLE_NOT_FOUND'> {
  constructor(
    readonly run: string,
    readonly table: string,
    readonly tables: readonly string[],
  ) {
    super('TABLE_NOT_FOUND', `${run} has no table ${table}. It has ${tables.join(', ')}.`)
  }
}

/** A run received no specs: most likely a mistake in making them. */
export class SpecsMissingError extends ScytheError<'SPECS_MISSING'> {
  constructor(
    readonly experiment: string,
    /** The files that have no specs. */
    readonly files: readonly string[] = [],
  ) {
    const where = files.length > 0 ? `: there are no rows in ${files.join(', ')}` : ''
    super('SPECS_MISSING', `${experiment} received no specs${where}. Pass at least one.`)
  }
}

/** A local file that a spec names cannot be read. */
export class FileMissingError extends ScytheError<'FILE_MISSING'> {
  constructor(
    readonly row: number,
    readonly field: string,
    readonly path: string,
    options: ErrorOptions,
    /** The place of the spec, in the units of its source. */
    readonly place = `row ${row}`,
  ) {
    super(
      'FILE_MISSING',
      `The file of ${place}, field ${field}, cannot be read: ${path}${reasonOf(options.cause)}`,
      options,
    )
  }
}

function reasonOf(cause: unknown): string {
  const { code, message } = (cause ?? {}) as NodeJS.ErrnoException
  if (code === 'ENOENT') return ' is not there.'
  return message === undefined ? '.' : ` (${message}).`
}

/** The value of an option is not valid. */
export class OptionInvalidError extends ScytheError<'OPTION_INVALID'> {
  constructor(
    readonly option: string,
    readonly value: unknown,
    readonly expected: string,
  ) {
    super('OPTION_INVALID', `Expected ${option} to be ${expected}, got ${formatValue(value)}.`)
  }
}
