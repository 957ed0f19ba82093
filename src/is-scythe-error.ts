import type { EngineUnavailableError, LabelMissingError, TaskCancelledError, WorkerLostError } from './engine/errors.js'
import { SCYTHE_ERROR, type ScytheError } from './errors.js'
import type {
  ExperimentLoadError,
  FileUnavailableError,
  OutputInvalidError,
  ProcessFailedError,
  SpecTimedOutError,
} from './execute/errors.js'
import type {
  DuplicateExperimentError,
  ExperimentInvalidError,
  InvalidSpecsError,
  UnknownExperimentError,
} from './experiment/errors.js'
import type { SamplingInvalidError } from './experiment/sampling/errors.js'
import type {
  CodeChangedError,
  FileMissingError,
  NoSpecsError,
  OptionInvalidError,
  RunEndedError,
  RunIdInvalidError,
  RunIncompleteError,
  RunNotDoneError,
  RunNotFoundError,
  RunNotResumableError,
  TableNotFoundError,
  VersionInvalidError,
} from './run/errors.js'
import type {
  CountMismatchError,
  NodeFailedError,
  PartDamagedError,
  RunObjectInvalidError,
  SchemasDifferError,
  TaskForbiddenError,
  TaskInvalidError,
} from './scatter/errors.js'
import type { SettingsInvalidError } from './settings/environment.js'
import type {
  InvalidKeyError,
  InvalidRangeError,
  InvalidStoreAddressError,
  ObjectNotFoundError,
  StoreUnusableError,
} from './store/errors.js'
import type { ColumnValueError, TableMismatchError, TableUnreadableError } from './table/errors.js'

/** Any error of Scythe that has fields of its own. `code` tells them apart. */
export type AnyScytheError =
  | CodeChangedError
  | ColumnValueError
  | CountMismatchError
  | DuplicateExperimentError
  | EngineUnavailableError
  | ExperimentInvalidError
  | ExperimentLoadError
  | FileMissingError
  | FileUnavailableError
  | InvalidKeyError
  | InvalidRangeError
  | InvalidSpecsError
  | InvalidStoreAddressError
  | LabelMissingError
  | NoSpecsError
  | NodeFailedError
  | ObjectNotFoundError
  | OptionInvalidError
  | OutputInvalidError
  | PartDamagedError
  | ProcessFailedError
  | RunEndedError
  | RunIdInvalidError
  | RunIncompleteError
  | RunNotDoneError
  | RunNotFoundError
  | RunNotResumableError
  | RunObjectInvalidError
  | SamplingInvalidError
  | SchemasDifferError
  | SettingsInvalidError
  | SpecTimedOutError
  | StoreUnusableError
  | TableMismatchError
  | TableNotFoundError
  | TableUnreadableError
  | TaskCancelledError
  | TaskForbiddenError
  | TaskInvalidError
  | UnknownExperimentError
  | VersionInvalidError
  | WorkerLostError

/**
 * Returns whether a value is an error of Scythe: of this copy of the package, or of another one in the process.
 *
 * @example
 * ```ts
 * try {
 *   await openRun(store, 'energy/v1.0.0/2026-01-31_12-00-00')
 * } catch (error) {
 *   if (isScytheError(error, 'RUN_NOT_FOUND')) console.log(`Did you mean ${error.similar[0]}?`)
 *   else throw error
 * }
 * ```
 *
 * @param code narrows to errors of this code, and to their fields
 */
export function isScytheError(error: unknown): error is ScytheError
export function isScytheError<Code extends AnyScytheError['code']>(
  error: unknown,
  code: Code,
): error is Extract<AnyScytheError, { readonly code: Code }>
export function isScytheError(error: unknown, code?: string): boolean {
  const isOne = typeof error === 'object' && error !== null && SCYTHE_ERROR in error
  return isOne && (code === undefined || (error as { code?: unknown }).code === code)
}
