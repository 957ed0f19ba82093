export { EngineUnavailableError, LabelMissingError, RunCancelledError, WorkerLostError } from './engine/errors.js'
export {
  ExperimentNotLoadedError,
  FileUnavailableError,
  OutputInvalidError,
  ProcessFailedError,
  SpecTimedOutError,
} from './execute/errors.js'
export {
  ExperimentDuplicateError,
  ExperimentInvalidError,
  ExperimentUnknownError,
  SpecsInvalidError,
} from './experiment/errors.js'
export { SamplingInvalidError } from './experiment/sampling/errors.js'
export {
  CodeChangedError,
  FileMissingError,
  OptionInvalidError,
  RunEndedError,
  RunIdInvalidError,
  RunIncompleteError,
  RunNotDoneError,
  RunNotFoundError,
  RunNotResumableError,
  SpecsMissingError,
  TableNotFoundError,
  VersionInvalidError,
} from './run/errors.js'
export {
  CountMismatchError,
  NodeFailedError,
  PartDamagedError,
  RunObjectInvalidError,
  SchemasDifferError,
  TaskForbiddenError,
  TaskInvalidError,
} from './scatter/errors.js'
export { SettingsInvalidError } from './settings/environment.js'
export {
  KeyInvalidError,
  ObjectNotFoundError,
  RangeInvalidError,
  StoreAddressInvalidError,
  StoreUnusableError,
} from './store/errors.js'
export { ColumnValueInvalidError, TableMismatchError, TableUnreadableError } from './table/errors.js'
