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
