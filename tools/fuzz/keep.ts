import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRandom } from '../chaos/random.js'
import { DOORS, doorSeed } from './doors.js'
import type { Find } from './messages.js'

const KEPT = fileURLToPath(new URL('../../.cache/fuzz', import.meta.url))

/** Keeps the input of a find, and what is wrong with it. Returns the file. */
export function keepInput({ door: name, seed, problem }: Find): string {
  const door = DOORS.find((door) => door.name === name)!
  mkdirSync(KEPT, { recursive: true })
  const path = join(KEPT, `${name}-${seed}`)
  writeFileSync(path, door.make(createRandom(doorSeed(door, seed))))
  writeFileSync(`${path}.txt`, `${problem}\n`)
  return path
}

/** The command that throws an input again. */
export function repeatText({ door, seed }: Find): string {
  return `scripts/run fuzz --door ${door} --seed ${seed} --inputs 1`
}
