import { ENGINE_SETTINGS } from '../settings/engine.js'
import type { Environment } from '../settings/environment.js'
import { FETCH_SETTINGS } from '../settings/fetch.js'
import { LOG_SETTINGS } from '../settings/log.js'
import { nearest } from '../settings/nearest.js'
import { TIMEOUT_SETTINGS } from '../settings/timeouts.js'
import { WORKER_SETTINGS } from '../settings/worker.js'
import { allStorageSettings } from '../store/configured.js'

const PREFIX = 'SCYTHE_'

/** Returns every group of settings, in the order in which docs/settings.md has them. */
export function allSettings() {
  return {
    engine: ENGINE_SETTINGS,
    storage: allStorageSettings(),
    worker: WORKER_SETTINGS,
    timeouts: TIMEOUT_SETTINGS,
    fetch: FETCH_SETTINGS,
    log: LOG_SETTINGS,
  }
}

/**
 * Returns a warning for each `SCYTHE_…` variable that is not a setting but looks like one, with the
 * name that was most likely meant.
 */
export function unknownVariables(env: Environment): string[] {
  const settings = Object.values(allSettings()).flatMap((group) => Object.values(group))
  const known = settings.map(({ variable }) => variable.slice(PREFIX.length))
  // `WORKER_`, `STORAGE_`, `TIMEOUT_`: a variable that begins with one of these prefixes is meant
  // for Scythe.
  const families = new Set(known.flatMap((name) => /^[A-Z]+_/.exec(name)?.[0] ?? []))
  return Object.keys(env).flatMap((variable) => {
    if (!variable.startsWith(PREFIX)) return []
    const name = variable.slice(PREFIX.length)
    if (known.includes(name)) return []
    const meant = nearest(name, known)
    if (meant) return [`${variable} is not a setting and has no effect. Did you mean ${PREFIX}${meant}?`]
    return families.has(/^[A-Z]+_/.exec(name)?.[0] ?? '') ? [`${variable} is not a setting and has no effect.`] : []
  })
}
