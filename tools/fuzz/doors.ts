import type { Door } from './door.js'
import { connection } from './doors/connection.js'
import { csv } from './doors/csv.js'
import { json, jsonLines } from './doors/json.js'
import { packed } from './doors/packed.js'
import { parquet } from './doors/parquet.js'
import { run } from './doors/run.js'
import { plan, receipt } from './doors/run-objects.js'
import { schema } from './doors/schema.js'
import { task } from './doors/task.js'

export const DOORS: readonly Door[] = [
  csv,
  jsonLines,
  json,
  packed,
  parquet,
  schema,
  receipt,
  plan,
  run,
  task,
  connection,
]

/** A number of its own for each door, so that two doors get other inputs from one seed. */
export function doorSeed(door: Door, seed: number): number {
  let hash = seed
  for (const char of door.name) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  return hash >>> 0
}
