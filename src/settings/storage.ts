import { makeExactValidator } from 'envalid'
import { duration, type Environment, oneOf, readEnvironment, SettingsInvalidError, text } from './environment.js'

/** Where runs live. */
export type StorageSettings =
  | { readonly backend: 'folder'; readonly folder: string }
  | { readonly backend: 's3'; readonly bucket: string; readonly prefix: string }

const bucketName = makeExactValidator<string>((text) => {
  if (/^[\w.-]+$/.test(text)) return text
  throw new Error("a bucket's name, without s3:// and slashes")
})

const folderNames = makeExactValidator<string>((text) => {
  const names = text.replace(/^\/+|\/+$/g, '')
  if (names !== '' && !names.split('/').some((name) => ['', '.', '..'].includes(name))) return names
  throw new Error('names joined by single slashes, such as scythe or studies/scythe')
})

/** The variables, for lists of all settings. */
export const STORAGE_VARIABLES = {
  SCYTHE_STORAGE_BACKEND: oneOf('folder', 's3')({ default: undefined }),
  SCYTHE_STORAGE_BUCKET: bucketName({ default: undefined }),
  SCYTHE_STORAGE_BUCKET_PREFIX: folderNames({ default: 'scythe' }),
  SCYTHE_STORAGE_FOLDER: text({ default: '.scythe' }),
  SCYTHE_STORAGE_PATIENCE: duration({ default: 300_000 }),
}

/** How long a run's tasks wait for a store that is away, in ms. Each task asks: so it looks at nothing else. */
export function storagePatience({ SCYTHE_STORAGE_PATIENCE }: Environment): number {
  const variables = { SCYTHE_STORAGE_PATIENCE: STORAGE_VARIABLES.SCYTHE_STORAGE_PATIENCE }
  return readEnvironment(variables, { SCYTHE_STORAGE_PATIENCE }).SCYTHE_STORAGE_PATIENCE
}

/** The store that `SCYTHE_STORAGE_…` variables name: a bucket where one is set, else a folder. */
export function storageSettings(env: Environment): StorageSettings {
  const values = readEnvironment(STORAGE_VARIABLES, env)
  const { SCYTHE_STORAGE_BUCKET: bucket, SCYTHE_STORAGE_BUCKET_PREFIX: prefix } = values
  const backend = values.SCYTHE_STORAGE_BACKEND ?? (bucket === undefined ? 'folder' : 's3')
  if (backend === 'folder') return { backend, folder: values.SCYTHE_STORAGE_FOLDER }
  if (bucket !== undefined) return { backend, bucket, prefix }
  throw new SettingsInvalidError([
    { variable: 'SCYTHE_STORAGE_BUCKET', value: bucket, expected: 'the name of a bucket where the backend is s3' },
  ])
}
