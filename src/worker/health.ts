import { within } from '../scatter/promises.js'
import { formatDuration } from '../settings/duration.js'

/** Looks for what keeps the worker from its work. */
export interface Check {
  readonly name: string
  problems(): Promise<string[]>
}

export interface Health {
  /** Why this worker can take no work, none of it older than a few seconds. Empty where it can. */
  reasons(): string[]
  close(): void
}

const EVERY_MS = 5000
/** What has not been answered by then has failed. */
const LIMIT_MS = 5000

/** Checks all of it from now on, again and again. */
export function watchHealth(checks: readonly Check[]): Health {
  const found = new Map<Check, string[]>()
  const look = () => {
    for (const check of checks) void ask(check).then((problems) => found.set(check, problems))
  }
  look()
  const timer = setInterval(look, EVERY_MS)
  return {
    reasons: () => checks.flatMap((check) => found.get(check) ?? [`${check.name}: not checked yet`]),
    close: () => clearInterval(timer),
  }
}

async function ask({ name, problems }: Check): Promise<string[]> {
  try {
    return await within(LIMIT_MS, problems(), () => [`${name}: no answer within ${formatDuration(LIMIT_MS)}`])
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : error}`]
  }
}
