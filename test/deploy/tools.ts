import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { python, whyNoPython } from '../../tools/python/environment.js'
import { canRun, leftOut } from '../support/left-out.js'

export const checkout = fileURLToPath(new URL('../..', import.meta.url))

const exec = promisify(execFile)

/** Whether hadolint, the schema of Compose files and moto can be had here; notes the suite as left out where they cannot. */
export async function hasCheckers(suite: string): Promise<boolean> {
  return canRun(suite, await whyNoPython(), () => python('deploy'))
}

/** Whether there is Terraform here; notes the suite as left out where there is none. */
export async function hasTerraform(suite: string): Promise<boolean> {
  const found = await terraform(checkout, 'version').catch(() => undefined)
  if (!found)
    leftOut(suite, 'it needs terraform on PATH, 1.5 or newer (https://developer.hashicorp.com/terraform/install)')
  return found !== undefined
}

/** What Terraform prints. Nobody's own settings of it are used. */
export async function terraform(folder: string, ...args: string[]): Promise<string> {
  const { TF_CLI_CONFIG_FILE: _, ...others } = process.env
  return (await exec('terraform', args, { cwd: folder, env: { ...others, CHECKPOINT_DISABLE: '1' } })).stdout
}

/** What hadolint prints. Rejects where it finds something. */
export async function hadolint(file: string): Promise<string> {
  return (await exec(join(dirname(await python('deploy')), 'hadolint'), [file])).stdout
}

/** Runs Python with what deployments are checked with: text goes in by stdin and comes out by stdout. */
export async function runPython(args: readonly string[], input = ''): Promise<string> {
  const running = exec(await python('deploy'), args)
  running.child.stdin?.end(input)
  return (await running).stdout
}
