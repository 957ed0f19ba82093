import type { SpecProblem, SpecProblemGroup } from './errors.js'

/** The maximum number of groups. More groups would not help the reader, and would take memory. */
const MOST_GROUPS = 1000

/**
 * Counts the specs that have each problem. A problem is a field, wherever in its lists, and a
 * message.
 */
export interface ProblemGroups {
  /** Adds the problems of one spec. */
  add(problems: readonly SpecProblem[]): void
  /** Returns the groups in the order of their first problems. */
  list(): SpecProblemGroup[]
}

export function createProblemGroups(): ProblemGroups {
  const groups = new Map<string, SpecProblemGroup & { rows: number }>()
  return {
    add(problems) {
      const told = new Set<string>()
      for (const first of problems) {
        const field = first.field.replace(/\[\d+\]/g, '[]')
        const key = `${field}\0${first.message}`
        if (told.has(key)) continue
        told.add(key)
        const group = groups.get(key)
        if (group) group.rows += 1
        else if (groups.size < MOST_GROUPS) groups.set(key, { field, message: first.message, rows: 1, first })
      }
    },
    list: () => [...groups.values()],
  }
}
