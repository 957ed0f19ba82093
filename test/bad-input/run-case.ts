import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { exitCodeOf } from '../../src/cli/failure.js'
import type { AnyDoor, BadInput, Files } from './door.js'

/** What came of a case. */
export interface Outcome {
  readonly code: string
  readonly exit: number
  readonly says: string
  /** Files that were not there before. */
  readonly left: readonly string[]
}

/** Gives a door what a case gives it, in a folder of its own. */
export async function tryCase(door: AnyDoor, { given }: BadInput<never>): Promise<Outcome> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'scythe-bad-input-')))
  const before = process.cwd()
  const env = { ...process.env }
  for (const name of Object.keys(env)) if (/^(SCYTHE_|HATCHET_|AWS_)/.test(name)) delete process.env[name]
  try {
    writeFiles(folder, door.files?.() ?? {})
    process.chdir(folder)
    const there = new Set(filesIn(folder))
    const error = await errorOf(() => door.take(given, folder))
    return {
      code: String((error as { code?: unknown }).code),
      exit: exitCodeOf(error),
      says: shown((error as Error).message, folder),
      left: filesIn(folder).filter((name) => !there.has(name)),
    }
  } finally {
    process.chdir(before)
    process.env = env
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Writes files, and folders. */
export function writeFiles(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true })
    if (!name.endsWith('/')) writeFileSync(path, content)
  }
}

async function errorOf(take: () => unknown): Promise<unknown> {
  try {
    await take()
  } catch (error) {
    return error
  }
  return new Error('It was taken.')
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort()
}

/** Without what is another each time, and on each machine. */
function shown(message: string, folder: string): string {
  const checkout = dirname(dirname(import.meta.dirname))
  const text = message.replaceAll(folder, '<folder>').replaceAll(checkout, '<checkout>')
  // Node 22 says more of a place in JSON.
  return text.replace(/( at position \d+) \(line \d+ column \d+\)/g, '$1')
}
