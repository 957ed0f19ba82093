import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Some tests run `dist`. Sources with wrong types are compiled all the same: `scripts/run check` is what they fail. */
export function setup(): void {
  const build = fileURLToPath(new URL('../../scripts/build.js', import.meta.url))
  try {
    execFileSync(process.execPath, [build], { stdio: 'inherit' })
  } catch {
    console.warn('dist may not be what src says.')
  }
}
