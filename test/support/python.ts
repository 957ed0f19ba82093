import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { python, whyNoPython } from '../../tools/python/environment.js'
import { canRun } from './left-out.js'

export { python }

/** `tables`: with the latest packages that write tables. */
type Purpose = 'test' | 'tables'

/** Whether suites that need Python can run here, with what they need set up; notes the suite as left out where they cannot. */
export async function hasPython(suite: string, purpose: Purpose = 'test'): Promise<boolean> {
  return canRun(suite, await whyNoPython(), () => python(purpose))
}

/** Runs a script with pandas and pyarrow: JSON goes in by stdin and comes out by stdout. */
export async function runPython<T>(script: URL, input: unknown, purpose: Purpose = 'test'): Promise<T> {
  const child = spawn(await python(purpose), [fileURLToPath(script)], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(JSON.stringify(input))
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (code !== 0) throw new Error(`${script.pathname} ended with ${code}:\n${errors}`)
  return JSON.parse(output) as T
}
