import type { AnyDoor } from './door.js'
import { addressesDoor } from './doors/addresses.js'
import { allocateDoor } from './doors/allocate.js'
import { commandLineDoor } from './doors/command-line.js'
import { connectionDoor } from './doors/connection.js'
import { csvDoor } from './doors/csv.js'
import { filesDoor } from './doors/files.js'
import { jsonDoor } from './doors/json.js'
import { madeDoor } from './doors/made.js'
import { modulesDoor } from './doors/modules.js'
import { outputDoor } from './doors/output.js'
import { registerDoor } from './doors/register.js'
import { runObjectsDoor } from './doors/run-objects.js'
import { runsDoor } from './doors/runs.js'
import { schemaDoor } from './doors/schema.js'
import { settingsDoor } from './doors/settings.js'
import { tasksDoor } from './doors/tasks.js'

/** Every door, in the order of docs/bad-input.md. */
export const DOORS = [
  commandLineDoor,
  csvDoor,
  jsonDoor,
  filesDoor,
  madeDoor,
  registerDoor,
  allocateDoor,
  outputDoor,
  runsDoor,
  runObjectsDoor,
  modulesDoor,
  connectionDoor,
  settingsDoor,
  addressesDoor,
  schemaDoor,
  tasksDoor,
] as readonly unknown[] as readonly AnyDoor[]
