import { withTimeout } from '../async/promises.js'
import { formatDuration } from '../settings/duration.js'

/** A check whether the worker can accept work. */
export interface Check {
  readonly name: string
  problems(): Promise<string[]>
  /** Time in ms for which problems are only warnings before they count. Default: 0. */
  readonly lastingFor?: number
}

export interface Health {
  /**
   * Returns the reasons why this worker cannot accept work, at most a few seconds old. Empty if it
   * can.
   */
  reasons(): string[]
  /** Returns the problems that may pass by themselves. */
  warnings(): string[]
  close(): void
}

const EVERY_MS = 5000
/** Time limit of a check in ms, after which it has failed. */
const LIMIT_MS = 5000

/** Runs the checks periodically from now on. */
export function watchHealth(checks: readonly Check[]): Health {
  const found = new Map<Check, { readonly problems: string[]; readonly since: number }>()
  const look = () => {
    for (const check of checks) {
      void ask(check).then((problems) => {
        const before = found.get(check)
        found.set(check, { problems, since: before && before.problems.length > 0 ? before.since : Date.now() })
      })
    }
  }
  look()
  const timer = setInterval(look, EVERY_MS)

  function problemsOf(isWarning: boolean): string[] {
    return checks.flatMap((check) => {
      const { name, lastingFor = 0 } = check
      const known = found.get(check)
      if (!known) return isWarning ? [] : [`${name}: not checked yet`]
      return Date.now() - known.since < lastingFor === isWarning ? known.problems : []
    })
  }

  return {
    reasons: () => problemsOf(false),
    warnings: () => problemsOf(true),
    close: () => clearInterval(timer),
  }
}

async function ask({ name, problems }: Check): Promise<string[]> {
  try {
    return await withTimeout(LIMIT_MS, problems(), () => [`${name}: no answer within ${formatDuration(LIMIT_MS)}`])
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : error}`]
  }
}
