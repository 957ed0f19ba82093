import { customCleanEnv, makeExactValidator } from 'envalid'
import { ScytheError } from '../errors.js'

/** Where runs live. */
export type StorageSettings =
  | { readonly backend: 'folder'; readonly folder: string }
  | { readonly backend: 's3'; readonly bucket: string; readonly prefix: string }

/** `STORAGE_SETTINGS_INVALID`: a `SCYTHE_STORAGE_…` variable that is not what it should be. */
class StorageSettingsInvalidError extends ScytheError {
  constructor(
    readonly variable: string,
    readonly value: string | undefined,
    expected: string,
  ) {
    const got = value === undefined ? 'nothing' : JSON.stringify(value)
    super('STORAGE_SETTINGS_INVALID', `Expected ${variable} to be ${expected}, got ${got}.`)
  }
}

const backend = makeExactValidator<StorageSettings['backend']>((text) => {
  const word = text.trim().toLowerCase()
  if (word === 'folder' || word === 's3') return word
  throw new Error('folder or s3')
})

const bucket = makeExactValidator<string>((text) => {
  if (/^[\w.-]+$/.test(text)) return text
  throw new Error("a bucket's name, without s3:// and slashes")
})

const prefix = makeExactValidator<string>((text) => {
  const names = text.replace(/^\/+|\/+$/g, '')
  if (names !== '' && !names.split('/').some((name) => ['', '.', '..'].includes(name))) return names
  throw new Error('names joined by single slashes, as scythe or studies/scythe')
})

const folder = makeExactValidator<string>((text) => text)

/** The variables, for lists of all settings. */
export const STORAGE_VARIABLES = {
  SCYTHE_STORAGE_BACKEND: backend({ default: undefined }),
  SCYTHE_STORAGE_BUCKET: bucket({ default: undefined }),
  SCYTHE_STORAGE_BUCKET_PREFIX: prefix({ default: 'scythe' }),
  SCYTHE_STORAGE_FOLDER: folder({ default: '.scythe' }),
}

/** The store that `SCYTHE_STORAGE_…` variables name: a bucket where one is set, else a folder. Empty counts as not set. */
export function storageSettings(env: Readonly<Record<string, string | undefined>>): StorageSettings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const values = customCleanEnv(given, STORAGE_VARIABLES, (values) => values, {
    reporter({ errors }) {
      for (const [variable, error] of Object.entries(errors)) {
        throw new StorageSettingsInvalidError(variable, given[variable], (error as Error).message)
      }
    },
  })
  const { SCYTHE_STORAGE_BUCKET: bucket, SCYTHE_STORAGE_BUCKET_PREFIX: prefix } = values
  const backend = values.SCYTHE_STORAGE_BACKEND ?? (bucket === undefined ? 'folder' : 's3')
  if (backend === 'folder') return { backend, folder: values.SCYTHE_STORAGE_FOLDER }
  if (bucket !== undefined) return { backend, bucket, prefix }
  throw new StorageSettingsInvalidError('SCYTHE_STORAGE_BUCKET', bucket, 'the name of a bucket where the backend is s3')
}
