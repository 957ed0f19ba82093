import { withTimeout } from '../async/promises.js'
import { formatDuration } from '../settings/duration.js'

/** Looks for what keeps the worker from its work. */
export interface Check {
  readonly name: string
  problems(): Promise<string[]>
  /** Problems count only once there have been some for so many ms; before that they are warnings. Default: at once. */
  readonly lastingFor?: number
}

export interface Health {
  /** Why this worker can take no work, none of it older than a few seconds. Empty where it can. */
  reasons(): string[]
  /** What is wrong and may pass by itself. */
  warnings(): string[]
  close(): void
}

const EVERY_MS = 5000
/** What has not been answered by then has failed. */
const LIMIT_MS = 5000

/** Checks all of it from now on, again and again. */
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
