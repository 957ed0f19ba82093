import { appendFileSync } from 'node:fs'

/** Where suites that were left out are noted, one `<suite>: <reason>` a line; the reporter names the file and prints them at the end. */
export const leftOutFile = 'SCYTHE_LEFT_OUT'

/**
 * Says that a suite cannot run here, and what would bring it in. To be called beside `describe.skipIf(…)`. Where all suites are
 * demanded (`CI`, `SCYTHE_REQUIRE_ALL`) it throws instead.
 */
export function leftOut(suite: string, reason: string): void {
  if (process.env.CI || process.env.SCYTHE_REQUIRE_ALL) throw new Error(`${suite} must run here, and cannot: ${reason}`)
  const file = process.env[leftOutFile]
  if (file) appendFileSync(file, `${suite}: ${reason}\n`)
}
