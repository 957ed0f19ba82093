import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { configuredStore, shownStorage } from '../../src/store/configured.js'

const folder = (path: string) => pathToFileURL(resolve(path)).href

describe('the store that environment variables configure', () => {
  it('defaults to the folder .scythe beside the process', () => {
    expect(configuredStore({})).toBe(folder('.scythe'))
    expect(configuredStore({ SCYTHE_STORAGE_FOLDER: '/data' })).toBe('file:///data')
    expect(configuredStore({ SCYTHE_STORAGE_FOLDER: '~/my runs' })).toBe(folder(join(homedir(), 'my runs')))
    expect(configuredStore({ SCYTHE_STORAGE_FOLDER: 's3://lab' })).toBe(folder('s3:/lab'))
  })

  it('is a bucket if a bucket is set', () => {
    const SCYTHE_STORAGE_BUCKET = 'lab'
    expect(configuredStore({ SCYTHE_STORAGE_BUCKET })).toBe('s3://lab/scythe')
    expect(configuredStore({ SCYTHE_STORAGE_BUCKET, SCYTHE_STORAGE_BUCKET_PREFIX: '/a/b/' })).toBe('s3://lab/a/b')
    expect(configuredStore({ SCYTHE_STORAGE_BUCKET, SCYTHE_STORAGE_BACKEND: 'S3' })).toBe('s3://lab/scythe')
    expect(configuredStore({ SCYTHE_STORAGE_BUCKET, SCYTHE_STORAGE_BACKEND: 'folder' })).toBe(folder('.scythe'))
  })

  it('treats an empty variable as unset', () => {
    const env = { SCYTHE_STORAGE_BACKEND: '', SCYTHE_STORAGE_BUCKET: '', SCYTHE_STORAGE_FOLDER: '' }
    expect(configuredStore(env)).toBe(folder('.scythe'))
  })

  it('rejects an invalid setting with the variable, its value and the expected value', () => {
    const wrong = [
      [{ SCYTHE_STORAGE_BACKEND: 'gcs' }, 'SCYTHE_STORAGE_BACKEND: expected folder or s3, got "gcs"'],
      [
        { SCYTHE_STORAGE_BUCKET: 's3://lab' },
        'SCYTHE_STORAGE_BUCKET: expected a bucket\'s name, without s3:// and slashes, got "s3://lab"',
      ],
      [
        { SCYTHE_STORAGE_BACKEND: 's3' },
        'SCYTHE_STORAGE_BUCKET: expected the name of a bucket where the backend is s3, got nothing',
      ],
      [
        { SCYTHE_STORAGE_BUCKET: 'lab', SCYTHE_STORAGE_BUCKET_PREFIX: 'a//b' },
        'SCYTHE_STORAGE_BUCKET_PREFIX: expected names joined by single slashes, such as scythe or studies/scythe, got "a//b"',
      ],
      [{ SCYTHE_STORAGE_PATIENCE: 'long' }, 'SCYTHE_STORAGE_PATIENCE: expected a time such as'],
    ] as const
    for (const [env, message] of wrong) {
      const expected = { code: 'SETTINGS_INVALID', message: expect.stringContaining(message) }
      expect(() => configuredStore(env)).toThrow(expect.objectContaining(expected))
    }
  })

  it('shows only the settings of its own backend', () => {
    const shown = (env: Record<string, string>) => shownStorage(env).map(({ setting, value }) => [setting, value])
    expect(shown({})).toEqual([
      ['storageBackend', 'folder'],
      ['storagePatience', '5m'],
      ['storageFolder', '.scythe'],
    ])
    expect(shown({ SCYTHE_STORAGE_BUCKET: 'lab', SCYTHE_STORAGE_PATIENCE: '90s' })).toEqual([
      ['storageBackend', 's3'],
      ['storagePatience', '1m30s'],
      ['storageBucket', 'lab'],
      ['storageBucketPrefix', 'scythe'],
    ])
  })
})
