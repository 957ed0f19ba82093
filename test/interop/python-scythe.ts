import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { python, whyNoPython } from '../../tools/python/environment.js'
import { leftOut } from '../support/left-out.js'

/** Whether suites that need Python Scythe can run here; notes the suite as left out where they cannot. */
export async function hasPythonScythe(suite: string): Promise<boolean> {
  const reason = (await whyNoPython()) ?? (await whyNoPythonScythe())
  if (reason) leftOut(suite, reason)
  return reason === undefined
}

async function whyNoPythonScythe(): Promise<string | undefined> {
  const args = ['-c', "import importlib.util, sys; sys.exit(importlib.util.find_spec('scythe') is None)"]
  const found = await promisify(execFile)(await python('interop'), args).catch(() => undefined)
  return found ? undefined : 'it needs python3 on PATH to be 3.11 or 3.12, which Python Scythe 1.3.0 is for'
}

/** Runs a script with Python Scythe, away from any engine: JSON goes in by stdin and comes out by stdout. */
export async function runPythonScythe<T>(
  script: URL,
  input: unknown,
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const child = spawn(await python('interop'), ['-B', fileURLToPath(script)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env, AWS_DEFAULT_REGION: 'us-east-1', HATCHET_CLIENT_TOKEN: NO_TOKEN },
  })
  child.stdin.end(JSON.stringify(input))
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (code !== 0) throw new Error(`${script.pathname} ended with ${code}:\n${errors}`)
  return JSON.parse(output) as T
}

/** The package is not even imported without something that looks like a token. */
const NO_TOKEN = [
  '{"alg":"none"}',
  '{"sub":"none","server_url":"http://127.0.0.1:1","grpc_broadcast_address":"127.0.0.1:1"}',
  '',
]
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.')
