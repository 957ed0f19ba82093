import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSpecs, type SpecsOptions } from '../../../src/cli/specs/open.js'
import { checkSpecs } from '../../../src/run/spec-intake.js'
import type { Random } from '../../chaos/random.js'
import { EXPERIMENT } from './experiment.js'

/** How tables of specs are refused. */
export const SPECS_CODES = ['SPECS_MISSING', 'SPECS_INVALID', 'SPECS_UNREADABLE']

let folder: string | undefined

/** A folder for what this process throws away. */
function ownFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'scythe-fuzz-'))
    process.once('exit', () => rmSync(made, { recursive: true, force: true }))
    folder = made
  }
  return folder
}

/** Reads a file of specs to its end and checks each, as `scythe run --dry-run` does. */
export async function takeSpecs(name: string, input: Uint8Array, options: SpecsOptions = {}): Promise<void> {
  const path = join(ownFolder(), name)
  writeFileSync(path, input)
  await checkSpecs(EXPERIMENT, await openSpecs([path], EXPERIMENT, options), 5)
}

/** Cuts bytes into pieces of any length, as they may come. */
export async function* pieces(input: Uint8Array, random: Random): AsyncGenerator<Uint8Array> {
  const longest = Math.max(1, random.magnitude(1, Math.max(1, input.length)))
  for (let at = 0; at < input.length; ) {
    const length = random.whole(1, longest)
    yield input.subarray(at, at + length)
    at += length
  }
}
