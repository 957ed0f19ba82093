export type {
  Engine,
  EngineAbilities,
  FoundRoot,
  Needs,
  Refusal,
  RootHandle,
  SubmitOptions,
  WorkerHandle,
  WorkerOptions,
} from './engine/engine.js'
export { TaskFailedError } from './engine/errors.js'
export * from './error-classes.js'
export { ERROR_CODES, type ErrorCode, type ErrorEntry, type Fault } from './error-codes.js'
export { ScytheError } from './errors.js'
export type { Batch, BatchHost, BatchResult, Executor, FinishedRows } from './execute/executor.js'
export type { CodeHash, NoCodeHash } from './execute/module/code-hash.js'
export { createPool, type PoolOptions } from './execute/pool/pool.js'
export type { SpecProblem, SpecProblemGroup } from './experiment/errors.js'
export type {
  Backoff,
  Experiment,
  ExperimentContext,
  ExperimentFunction,
  ExperimentLog,
} from './experiment/experiment.js'
export { fileReference } from './experiment/file-reference.js'
export type { DesiredWorkerLabel } from './experiment/labels.js'
export { type DesiredWorkerLabels, missingLabels, ScytheWorkerLabel, type WorkerLabels } from './experiment/labels.js'
export type { RegisterOptions, TableSchemas } from './experiment/options.js'
export type { FunctionOf, Register } from './experiment/registry.js'
export { ExperimentRegistry, type ExperimentResult, type IncludedWorkflow, type Takes } from './experiment/registry.js'
export { type RemoteExperiment, type RemoteExperimentOptions, remoteExperiment } from './experiment/remote.js'
export { type Axis, grid, type Steps } from './experiment/sampling/grid.js'
export type { Range } from './experiment/sampling/ranges.js'
export { type SampleMethod, type SampleOptions, sample } from './experiment/sampling/sample.js'
export type { UndeclaredFields } from './experiment/undeclared.js'
export { type AnyScytheError, isScytheError } from './is-scythe-error.js'
export {
  type AllocateNowOptions,
  type AllocateOptions,
  allocate,
  BaseExperiment,
  type BaseExperimentOptions,
  type RefOf,
  type Runnable,
  type SpecOf,
  type SpecsOf,
} from './run/base-experiment.js'
export { localEngine } from './run/default-engine.js'
export { listBases, listRuns, type RunEntry } from './run/list-runs.js'
export type { Manifest } from './run/manifest.js'
export type { RunProgress } from './run/progress.js'
export { openRun, type Run } from './run/run.js'
export type { ResumeOptions, RunRef, RunResult, StartOptions } from './run/run-ref.js'
export type { Version, VersionStrategy } from './run/versions.js'
export type { WorkflowRef } from './run/workflow.js'
export { isRefusal } from './scatter/errors.js'
export type { Code } from './scatter/leaf.js'
export type { ResultTable, RunStatus } from './scatter/run-reader.js'
export type { ServedStores } from './scatter/served.js'
export {
  type InputTaskDefinition,
  type NodeTaskDefinition,
  nodeDefinition,
  type Progress,
  returnedValue,
  type SingleTask,
  type Task,
  type TaskDefinition,
  type TaskEnd,
  type TaskHandle,
  type TaskHost,
  type TaskKind,
  type ThrownElsewhere,
} from './scatter/task.js'
export { readTask } from './scatter/task-check.js'
export { type TaskDefinitionsOptions, taskDefinitions } from './scatter/task-definitions.js'
export type { TaskStores } from './scatter/task-stores.js'
export type { Environment, SettingProblem, ShownSetting } from './settings/environment.js'
export type { FetchSettings } from './settings/fetch.js'
export type { StoreTrouble, StoreUnusableOptions } from './store/errors.js'
export { openStore } from './store/open.js'
export type { Patience } from './store/patience.js'
export type { ObjectInfo, Piece, Store } from './store/store.js'
export type { Column, ColumnType, TableSchema } from './table/schema.js'
export type { TableSlice } from './table/slice.js'
export { ScytheWorkerConfig, type StartWorkerOptions, type WorkerConfigOptions } from './worker/config.js'
export type { UnregisteredExperiment, WorkerExperiment } from './worker/more-experiments.js'
