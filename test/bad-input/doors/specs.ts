import { rmSync } from 'node:fs'
import { openSpecs, type SpecsOptions } from '../../../src/cli/specs/open.js'
import { checkSpecs } from '../../../src/run/spec-intake.js'
import type { Files } from '../door.js'
import { EXPERIMENT } from '../experiment.js'
import { writeFiles } from '../run-case.js'

export interface GivenSpecs extends SpecsOptions {
  readonly files: Files
  /** Default: every file, in order. */
  readonly specs?: readonly string[]
}

/** Reads files of specs to the end, as `scythe run --specs … --dry-run` does. Leaves none of them. */
export async function takeSpecs({ files, specs = Object.keys(files), ...options }: GivenSpecs, folder: string) {
  writeFiles(folder, files)
  try {
    await checkSpecs(EXPERIMENT, await openSpecs(specs, EXPERIMENT, options), 5)
  } finally {
    for (const name of Object.keys(files)) rmSync(`${folder}/${name}`, { recursive: true, force: true })
  }
}
