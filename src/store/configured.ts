import {
  type Environment,
  readSettings,
  type Settings,
  SettingsInvalidError,
  type ShownSetting,
  showSettings,
} from '../settings/environment.js'
import { PATIENCE_SETTINGS } from '../settings/storage.js'
import { oneOf } from '../settings/types.js'
import type { Backend } from './backend.js'
import { BACKENDS } from './backends.js'

/** Returns every storage setting: the settings of all stores, and those of each backend. */
export function allStorageSettings(): Settings {
  return Object.assign({ ...backendSetting(), ...PATIENCE_SETTINGS }, ...BACKENDS.map(({ settings }) => settings))
}

function backendSetting() {
  return {
    storageBackend: oneOf(...BACKENDS.map(({ name }) => name))({
      variable: 'SCYTHE_STORAGE_BACKEND',
      otherwise: 'by the other variables',
      doc: `where runs live: ${BACKENDS.map(({ name }) => `\`${name}\``).join(' or ')}`,
    }),
  }
}

/**
 * Returns the address of the store that the `SCYTHE_STORAGE_…` variables name. Throws
 * `SettingsInvalidError` with every invalid variable.
 */
export function configuredStore(env: Environment): string {
  const { backend, values } = choose(env)
  return backend.addressOf(values, env)
}

/** Returns the storage settings that apply, as `scythe worker --show` prints them. */
export function shownStorage(env: Environment): ShownSetting[] {
  const { backend, values } = choose(env)
  const counting = { ...backendSetting(), ...PATIENCE_SETTINGS, ...backend.settings }
  return showSettings(counting, { ...values, storageBackend: backend.name } as never, env)
}

/**
 * Chooses the backend that the settings name, or else the last backend whose settings name a store.
 * The settings of the folder backend always name one.
 */
function choose(env: Environment): { readonly backend: Backend; readonly values: Readonly<Record<string, unknown>> } {
  const values: Readonly<Record<string, unknown>> = readSettings(allStorageSettings(), env)
  const isSet = ({ needs }: Backend) => needs === undefined || values[needs.setting] !== undefined
  const chosen = BACKENDS.find(({ name }) => name === values.storageBackend)
  const backend = chosen ?? BACKENDS.findLast(isSet)!
  if (isSet(backend)) return { backend, values }
  const { setting, what } = backend.needs!
  const { variable } = backend.settings[setting]!
  const expected = `${what} where the backend is ${backend.name}`
  throw new SettingsInvalidError([{ variable, value: undefined, expected }])
}
