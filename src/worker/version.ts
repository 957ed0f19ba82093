import { readFileSync } from 'node:fs'
import { OWN } from '../own.js'

/** The version of this package. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', OWN), 'utf8')).version
}
