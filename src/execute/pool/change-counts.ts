import { log } from '../../settings/log.js'

/** Counts changes of the shared state, and logs each kind of change once. */
export interface ChangeCount {
  add(sortIndex: number, what: string): void
  /** Whether there are enough changes to check the shared state after every spec. */
  readonly isMany: boolean
}

/**
 * Number of changes from which checking each spec is cheaper than repeating the specs that cannot
 * be trusted.
 */
const MANY = 3

/** Maximum number of changes to log for each experiment. */
const NAMED = 20

/** Creates counters of the changes to the shared state, one for each run. */
export function createChangeCounts(): {
  of(experiment: string, run: string): ChangeCount
} {
  /** The count of the last run of each experiment. */
  const counts = new Map<string, { readonly run: string; changes: number }>()
  const named = new Map<string, Set<string>>()
  return {
    of(experiment, run) {
      const known = counts.get(experiment)
      const count = known?.run === run ? known : { run, changes: 0 }
      counts.set(experiment, count)
      const names = named.get(experiment) ?? new Set()
      named.set(experiment, names)
      return {
        add(sortIndex, what) {
          count.changes += 1
          if (names.has(what) || names.size >= NAMED) return
          names.add(what)
          const spec = sortIndex < 0 ? {} : { spec: sortIndex }
          log.warn(lineOf(experiment, sortIndex, what), { experiment, run, ...spec })
        },
        get isMany() {
          return count.changes >= MANY
        },
      }
    },
  }
}

function lineOf(experiment: string, sortIndex: number, what: string): string {
  const who =
    sortIndex < 0 ? `A spec of ${experiment}` : `Spec ${sortIndex} of ${experiment}, or one shortly before it,`
  return (
    `${who} changed ${what}, which the specs after it would find so: ` +
    'its process was replaced. No row is wrong for it, but it takes time; change it where the module is imported, or put it back.'
  )
}
