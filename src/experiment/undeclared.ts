/**
 * The maximum number of undeclared fields that are reported for a run. Functions may make up any
 * number of names.
 */
export const MOST_UNDECLARED = 50

/**
 * How fields are treated that a function returns and the output does not declare. `warn`: they are
 * lost, and the run's result names them. `refuse`: the spec fails.
 */
export type UndeclaredFields = 'warn' | 'refuse'

/**
 * Returns the names of both lists, sorted and without duplicates. If there are very many, returns
 * the first ones, so that the result does not depend on the order in which they were found.
 */
export function uniteNames(known: readonly string[], more: readonly string[]): readonly string[] {
  if (more.every((name) => known.includes(name))) return known
  return [...new Set([...known, ...more])].sort().slice(0, MOST_UNDECLARED)
}
