import { isText } from '../table/well-formed.js'

const PREFIX = 'scythe_experiment_'

/** The name on the wire of an experiment that was given none; `undefined` where its function has no name. */
export function defaultName(functionName: string): string | undefined {
  return functionName === '' ? undefined : PREFIX + snakeCase(functionName)
}

/** `simulateEnergy` to `simulate_energy`, `HTTPServer2` to `http_server2`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

/** `scythe_experiment_simulate_energy` to `SimulateEnergy`. */
export function titleOf(name: string): string {
  const bare = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name
  return bare.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_all, first: string) => first.toUpperCase())
}

/** The name of the task that runs a range of a run. */
export function batchName(name: string): string {
  return `${name}_batch`
}

/** Bytes of UTF-8 in a name at most: some become files' names, with more behind them. */
export const LONGEST_NAME = 200

/** What a name is expected to be that it is not; `undefined` if it can be the name of a field. */
export function fieldNameProblem(name: string): string | undefined {
  if (name === '' || name === '__proto__')
    return 'named otherwise, because JavaScript or Parquet cannot have such a field'
  if (!isText(name)) return 'named in well-formed text, without halves of surrogate pairs'
  if (/\p{Cc}/u.test(name)) return 'named without control characters'
  if (name.trim() !== name) return 'named without spaces at its ends, which tables in CSV lose'
  if (Buffer.byteLength(name) > LONGEST_NAME) return `named in at most ${LONGEST_NAME} bytes`
  return undefined
}

/** The same for what becomes the name of a file or a folder. */
export function fileNameProblem(name: string): string | undefined {
  if (/[/\\]/.test(name) || name === '.' || name === '..')
    return 'named as a folder can be, as its files are kept in one: without / and \\'
  return fieldNameProblem(name)
}

/** The name of the fan of Python Scythe on an engine: no workflow may have it. */
export const PYTHON_FAN = 'scythe_scatter_gather'
