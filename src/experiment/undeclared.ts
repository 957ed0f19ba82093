/** So many names of fields are told of a run; functions may make them up. */
export const MOST_UNDECLARED = 50

/** What functions may do with fields that they return and the output does not name: they are lost, and a run tells which, or refused. */
export type UndeclaredFields = 'warn' | 'refuse'

/** The names of both, in order, each once: the first of them where there are very many, whatever the order in which they were seen. */
export function uniteNames(known: readonly string[], more: readonly string[]): readonly string[] {
  if (more.every((name) => known.includes(name))) return known
  return [...new Set([...known, ...more])].sort().slice(0, MOST_UNDECLARED)
}
