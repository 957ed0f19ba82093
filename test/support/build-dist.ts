import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Suites that run everything from src. */
const FROM_SOURCE = /^test\/(deploy|execute|experiment|scatter|settings|store|table|tools|worker)\b/

/** The other suites run dist. Sources with wrong types are compiled all the same: `scripts/run check` is what they fail. */
export function setup(): void {
  const suites = process.argv.slice(2).filter((argument) => argument.startsWith('test/'))
  if (suites.length > 0 && suites.every((suite) => FROM_SOURCE.test(suite))) return
  const build = fileURLToPath(new URL('../../scripts/build.js', import.meta.url))
  try {
    execFileSync(process.execPath, [build], { stdio: 'inherit' })
  } catch {
    console.warn('dist may not be what src says.')
  }
}
