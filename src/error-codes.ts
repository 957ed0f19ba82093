/**
 * Names who has to act on an error.
 *
 * - `spec`: the spec or its function; the error becomes a row of the table `errors`
 * - `input`: the caller: a command line, a table, a module or a setting has to change
 * - `worker`: nobody: the task moves to another worker, and waits until there is one
 * - `message`: the sender of a task that no worker runs
 * - `data`: an object in a store is not valid
 * - `infrastructure`: a store, an engine, a worker or a process is unavailable or has failed
 * - `stop`: nobody: somebody stopped the work
 */
export type Fault = 'spec' | 'input' | 'worker' | 'message' | 'data' | 'infrastructure' | 'stop'

/** Describes an error code. */
export interface ErrorEntry {
  readonly fault: Fault
  /** The exit code of a command that ends with this error. */
  readonly exit: 1 | 2 | 130
  /** What happened, in one sentence. */
  readonly meaning: string
  /** What to do about the error. */
  readonly wayOut: string
}

const EXITS = { spec: 1, input: 2, worker: 2, message: 1, data: 1, infrastructure: 1, stop: 130 } as const

const entriesOf =
  (fault: Fault) =>
  (meaning: string, wayOut: string, exit: ErrorEntry['exit'] = EXITS[fault]): ErrorEntry => ({
    fault,
    exit,
    meaning,
    wayOut,
  })

const spec = entriesOf('spec')
const input = entriesOf('input')
const worker = entriesOf('worker')
const message = entriesOf('message')
const data = entriesOf('data')
const infrastructure = entriesOf('infrastructure')
const stop = entriesOf('stop')

const RESUME = 'Resume the run: `scythe resume`.'

/** Every code that an error of Scythe can have. `docs/errors.md` is generated from this table. */
export const ERROR_CODES = {
  // Specs: these errors become rows of the table `errors`.
  BATCH_LOST: spec(
    'Workers died under the batch of the spec, and again when the spec ran alone.',
    'Run the spec alone on a machine with more memory, and look at the log of the worker.',
  ),
  FILE_UNAVAILABLE: spec(
    'A file that the spec names cannot be fetched.',
    'Mend the address or its permissions, and allocate the spec again.',
  ),
  INPUT_TOO_LARGE: spec(
    'The spec is larger than a message of the engine may be.',
    'Put large values into a file, and pass it as a `fileReference()`.',
  ),
  OUTPUT_INVALID: spec(
    'The returned value does not fit the output schema, or one of its columns.',
    'Mend the function or the schema; the message names the field.',
  ),
  OUTPUT_TOO_LARGE: spec(
    'The output of a spec that is a task of its own is larger than a message may be.',
    'Return large values as a file or a table.',
  ),
  SPEC_CRASHED: spec(
    'The process of the spec crashed, again when the spec ran alone.',
    'Look for native code that crashes.',
  ),
  SPEC_EXITED: spec('The function ended its process.', 'Throw an error in place of `process.exit()`.'),
  SPEC_FAILED: spec('The function threw an error.', 'Read the message and the stack in the row.'),
  SPEC_LOST: spec(
    'Workers died each time that they ran the spec.',
    'Run the spec alone on a machine with more memory, and look at the log of the worker.',
  ),
  SPEC_OUT_OF_MEMORY: spec(
    'The process of the spec used more memory than it may.',
    'Raise the option `memory` of the experiment, or run fewer slots.',
  ),
  SPEC_TIMED_OUT: spec(
    'The spec took longer than its time limit.',
    'Raise the option `executionTimeout` of the experiment.',
  ),
  TASK_FAILED: spec('A task of another program failed.', 'Read the message: it is that of the other program.'),

  // Callers: another command line, table, module or setting solves the problem.
  CODE_CHANGED: input(
    'The code of the experiment is not the code that the run was allocated with.',
    'Restore the code, allocate a new version, or resume with `--changed-code`.',
  ),
  EXPERIMENT_DUPLICATE: input('Two experiments have the same name.', 'Give one of them the option `name`.'),
  EXPERIMENT_INVALID: input(
    'An experiment cannot be registered: an option, a schema or a name is wrong.',
    'Mend the option that the message names.',
  ),
  EXPERIMENT_UNCLEAR: input('A module has no experiment, or several.', 'Name one with `--experiment`.'),
  EXPERIMENT_UNKNOWN: input('No experiment of this name is registered.', 'Import the module that registers it.'),
  FILE_MISSING: input(
    'A local file that a spec names cannot be read.',
    'Mend the path in the row that the message names.',
  ),
  KEY_INVALID: input(
    'A store does not take this key.',
    'Use a relative path without `.`, `..` and control characters.',
  ),
  MODULE_NOT_LOADED: input(
    'A module is missing, does not compile, or throws while it is imported.',
    'Mend the module; `--verbose` shows the stack.',
  ),
  OPTION_INVALID: input('An option has a value that it cannot have.', 'Mend the option that the message names.'),
  RANGE_INVALID: input('A range of bytes is not inside its object.', 'Ask for bytes that the object has.'),
  RUN_AMBIGUOUS: input('Several runs match the name.', 'Use the longer name of the one that is meant.'),
  RUN_ID_INVALID: input('A name cannot be that of a run.', 'Use `<name>/v1.2.3/2026-01-31_12-00-00`.'),
  RUN_INCOMPLETE: input('The allocation of the run did not end.', 'Allocate its specs again.'),
  RUN_NOT_DONE: input('The run is not done, so it has no final tables yet.', `Wait for it. ${RESUME}`),
  RUN_NOT_FOUND: input('No run has this name.', '`scythe list` shows the runs of a store.'),
  RUN_NOT_RESUMABLE: input(
    'Python Scythe wrote the run, or it is a workflow: it cannot be resumed.',
    'Allocate the specs without a result as a run of their own.',
  ),
  SAMPLING_INVALID: input('A grid or a sample cannot be made.', 'Mend the option that the message names.'),
  SETTINGS_INVALID: input(
    'An environment variable has a value that it cannot have.',
    'Mend the variable that the message names.',
  ),
  SPECS_INVALID: input(
    'Specs do not fit the input schema; nothing was started.',
    'Mend the rows that the message names; `--dry-run` checks without running.',
  ),
  SPECS_MISSING: input('An allocation received no specs.', 'Pass one spec at least.'),
  SPECS_UNREADABLE: input('A table of specs cannot be read.', 'Mend the file at the line that the message names.'),
  STORE_ADDRESS_INVALID: input(
    'An address does not name a store.',
    'Use `s3://bucket/prefix`, `file:///folder` or a path.',
  ),
  TABLE_NOT_FOUND: input('The run has no table of this name.', 'Use one of the names in the message.'),
  USAGE: input('The command line cannot be understood.', '`scythe <command> --help` shows the options.'),
  VERSION_INVALID: input(
    'A version is neither `v1.2.3` nor a strategy.',
    'Use `v1.2.3`, `bumpmajor`, `bumpminor`, `bumppatch` or `keep`.',
  ),

  // Workers: another worker may be able to run the task.
  EXPERIMENT_NOT_LOADED: worker(
    'A process cannot import the module of the experiment, or the module does not register it.',
    'Mend the module on the worker, and start the worker again.',
  ),
  LABEL_MISSING: worker(
    'No worker has the labels that the experiment asks for.',
    'Start a worker with the labels, such as `SCYTHE_WORKER_HAS_GPU=true`.',
  ),
  SCHEMAS_DIFFER: worker(
    'The experiment has other schemas than the run was allocated with.',
    'Run it with the code that the run was allocated with, or allocate a new version.',
  ),

  // Messages: no worker runs the task.
  TASK_FORBIDDEN: message(
    'A task asks for a store, a run or code that its worker does not serve.',
    'Name the store in `SCYTHE_WORKER_STORES` of the worker, if it is to serve it.',
    2,
  ),
  TASK_INVALID: message(
    'A task does not have the form of a task, or does not fit its run.',
    'Send what this version of Scythe sends.',
  ),
  TASK_KILLS_WORKERS: message(
    'Two workers died soon after they took the task.',
    'Look at the log of the workers: most likely memory.',
  ),

  // Objects in a store.
  COLUMN_VALUE_INVALID: data('A value does not fit its column.', 'Mend the value that the message names.'),
  COUNT_MISMATCH: data('Rows were counted, and do not add up to the specs.', RESUME),
  OBJECT_NOT_FOUND: data(
    'The store has no object under a key.',
    `${RESUME} It makes objects of a run again, if it can.`,
  ),
  PART_DAMAGED: data(
    'A part of a table is missing, or is not what its receipt says.',
    `${RESUME} It makes the part again.`,
  ),
  RECEIPTS_CHANGED: data('Damaged rows were made again while the tables were made.', RESUME),
  RUN_OBJECT_INVALID: data(
    'An object of a run cannot be read.',
    'Follow the message: it names the object and what is wrong with it.',
  ),
  TABLE_MISMATCH: data('Tables that were to become one have different columns.', 'Write them with the same columns.'),
  TABLE_UNREADABLE: data(
    'A file is not a whole Parquet file, or holds a kind of data that cannot be read.',
    'Write the file again.',
  ),

  // Stores, engines, workers and processes.
  ENGINE_UNAVAILABLE: infrastructure(
    'The engine cannot be reached, or refuses the token.',
    'Check `HATCHET_CLIENT_TOKEN` and the address in the message.',
  ),
  NODE_FAILED: infrastructure(
    'A batch could not be run three times, for a reason that is not its specs.',
    `Mend the reason in the message. ${RESUME}`,
  ),
  PROCESS_FAILED: infrastructure(
    'A process could not go on with a batch.',
    `Mend the reason in the message. ${RESUME}`,
  ),
  RUN_ENDED: infrastructure('The engine ended the run before it was done.', RESUME),
  STORE_UNUSABLE: infrastructure(
    'A store cannot be reached, refuses to work, or is full.',
    `Mend the reason in the message. ${RESUME}`,
  ),
  TASK_DEADLY: infrastructure(
    'Workers died under a task, one after the other.',
    'Look at the log of the workers: most likely memory.',
  ),
  TASK_EXPIRED: infrastructure('A task waited for a worker for longer than it may.', `Start workers. ${RESUME}`),
  TASK_UNKNOWN: infrastructure('The engine has lost a task.', RESUME),
  WORKER_LOST: infrastructure('The engine has given up a worker that still runs.', 'Start the worker again.'),

  // Stops.
  CANCELLED: stop('The work was stopped before it was done; what has a receipt is kept.', RESUME),
  INTERRUPTED: stop(
    'The command ended, and the run goes on without it.',
    '`scythe status` shows how far it is; `scythe cancel` stops it.',
  ),
} as const satisfies Record<string, ErrorEntry>

/** A code that an error of Scythe can have. */
export type ErrorCode = keyof typeof ERROR_CODES

/** Returns the code of any thrown value, or `undefined` if it has none. */
export function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

/** Returns who has to act on an error, or `undefined` if the error's code is not in the table. */
export function faultOf(error: unknown): Fault | undefined {
  return entryOf(error)?.fault
}

/** Returns the table entry of an error's code, or `undefined` if the table has none. */
export function entryOf(error: unknown): ErrorEntry | undefined {
  const code = codeOf(error)
  return code !== undefined && Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode] : undefined
}
