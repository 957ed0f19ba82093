import { isText } from '../table/well-formed.js'

const PREFIX = 'scythe_experiment_'

/**
 * Returns the default name of an experiment on the engine, or `undefined` if its function has no
 * name.
 */
export function defaultName(functionName: string): string | undefined {
  return functionName === '' ? undefined : PREFIX + snakeCase(functionName)
}

/**
 * Returns a name in snake case: `simulate_energy` for `simulateEnergy`, `http_server2` for
 * `HTTPServer2`.
 */
export function snakeCase(name: string): string {
  return name
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

/** Returns a name as a title: `SimulateEnergy` for `scythe_experiment_simulate_energy`. */
export function titleOf(name: string): string {
  const bare = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name
  return bare.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_all, first: string) => first.toUpperCase())
}

/** Returns the name of the task that runs a range of a run. */
export function batchName(name: string): string {
  return `${name}_batch`
}

/** The maximum length of a name in bytes of UTF-8. Some names become file names, with a suffix. */
export const LONGEST_NAME = 200

/**
 * Returns the expectation that an invalid field name does not meet, or `undefined` if the name is
 * valid. The text completes "is expected to be …".
 */
export function fieldNameProblem(name: string): string | undefined {
  if (name === '' || name === '__proto__')
    return 'named otherwise, because JavaScript or Parquet cannot have such a field'
  if (!isText(name)) return 'named in well-formed text, without halves of surrogate pairs'
  if (/\p{Cc}/u.test(name)) return 'named without control characters'
  if (name.trim() !== name) return 'named without spaces at its ends, which tables in CSV lose'
  if (Buffer.byteLength(name) > LONGEST_NAME) return `named in at most ${LONGEST_NAME} bytes`
  return undefined
}

/**
 * Returns the expectation that an invalid name of a file or a folder does not meet, or `undefined`
 * if the name is valid.
 */
export function fileNameProblem(name: string): string | undefined {
  if (/[/\\]/.test(name) || name === '.' || name === '..')
    return 'named as a folder can be, as its files are kept in one: without / and \\'
  return fieldNameProblem(name)
}

/** The name of Python Scythe's fan on an engine. No workflow may have this name. */
export const PYTHON_FAN = 'scythe_scatter_gather'
