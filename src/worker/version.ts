import { readFileSync } from 'node:fs'
import { OWN } from '../own.js'

/** Returns the version of this package. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', OWN), 'utf8')).version
}
