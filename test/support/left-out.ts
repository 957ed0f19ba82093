import { appendFileSync } from 'node:fs'

/** Names the file where suites that were left out are noted, one `<suite>: <reason>` a line; the reporter prints them at the end. */
export const leftOutFile = 'TEST_SUITES_LEFT_OUT'

/** Whether a suite can run here, with what it needs set up; notes it as left out where there is a reason against it. */
export async function canRun(
  suite: string,
  reason: string | undefined,
  setUp: () => Promise<unknown>,
): Promise<boolean> {
  if (reason) leftOut(suite, reason)
  else await setUp()
  return reason === undefined
}

/**
 * Says that a suite cannot run here, and what would bring it in. To be called beside `describe.skipIf(…)`. In CI, where all suites
 * are demanded, it throws instead.
 */
export function leftOut(suite: string, reason: string): void {
  if (process.env.CI) throw new Error(`${suite} must run in CI, and cannot: ${reason}`)
  const file = process.env[leftOutFile]
  if (file) appendFileSync(file, `${suite}: ${reason}\n`)
}
