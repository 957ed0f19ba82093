import { ENGINE_VARIABLES } from './engine.js'
import type { Environment } from './environment.js'
import { FETCH_VARIABLES } from './fetch.js'
import { LOG_VARIABLES } from './log.js'
import { nearest } from './nearest.js'
import { STORAGE_VARIABLES } from './storage.js'
import { TIMEOUT_VARIABLES } from './timeouts.js'
import { WORKER_VARIABLES } from './worker.js'

const PREFIX = 'SCYTHE_'
const KNOWN = Object.keys({
  ...ENGINE_VARIABLES,
  ...FETCH_VARIABLES,
  ...LOG_VARIABLES,
  ...STORAGE_VARIABLES,
  ...TIMEOUT_VARIABLES,
  ...WORKER_VARIABLES,
}).map((name) => name.slice(PREFIX.length))
/** `WORKER_`, `STORAGE_`, `TIMEOUT_`: all that begins with one of these is meant for us. */
const FAMILIES = new Set(KNOWN.flatMap((name) => /^[A-Z]+_/.exec(name)?.[0] ?? []))

/** A warning for each `SCYTHE_…` variable that is not a setting but looks like one, with the name that was most likely meant. */
export function unknownVariables(env: Environment): string[] {
  return Object.keys(env).flatMap((variable) => {
    if (!variable.startsWith(PREFIX)) return []
    const name = variable.slice(PREFIX.length)
    if (KNOWN.includes(name)) return []
    const meant = nearest(name, KNOWN)
    if (meant) return [`${variable} is not a setting and has no effect. Did you mean ${PREFIX}${meant}?`]
    return FAMILIES.has(/^[A-Z]+_/.exec(name)?.[0] ?? '') ? [`${variable} is not a setting and has no effect.`] : []
  })
}
