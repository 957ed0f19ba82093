import { describe, expect, it } from 'vitest'
import { storageSettings } from '../../src/settings/storage.js'

describe('storage settings', () => {
  it('are a folder beside the process where nothing is set', () => {
    expect(storageSettings({})).toEqual({ backend: 'folder', folder: '.scythe' })
    expect(storageSettings({ SCYTHE_STORAGE_FOLDER: '/data' })).toEqual({ backend: 'folder', folder: '/data' })
  })

  it('are a bucket where one is set', () => {
    const SCYTHE_STORAGE_BUCKET = 'lab'
    expect(storageSettings({ SCYTHE_STORAGE_BUCKET })).toEqual({ backend: 's3', bucket: 'lab', prefix: 'scythe' })
    expect(storageSettings({ SCYTHE_STORAGE_BUCKET, SCYTHE_STORAGE_BUCKET_PREFIX: '/a/b/' })).toMatchObject({
      prefix: 'a/b',
    })
    expect(storageSettings({ SCYTHE_STORAGE_BUCKET, SCYTHE_STORAGE_BACKEND: 'folder' })).toMatchObject({
      backend: 'folder',
    })
    expect(storageSettings({ SCYTHE_STORAGE_BUCKET, SCYTHE_STORAGE_BACKEND: 'S3' })).toMatchObject({ backend: 's3' })
  })

  it('take an empty variable for one that is not set', () => {
    const env = { SCYTHE_STORAGE_BACKEND: '', SCYTHE_STORAGE_BUCKET: '', SCYTHE_STORAGE_FOLDER: '' }
    expect(storageSettings(env)).toEqual({ backend: 'folder', folder: '.scythe' })
  })

  it('that are wrong name the variable, the value and what is expected', () => {
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
    ] as const
    for (const [env, message] of wrong) {
      const expected = { code: 'SETTINGS_INVALID', message: expect.stringContaining(message) }
      expect(() => storageSettings(env)).toThrow(expect.objectContaining(expected))
    }
  })
})
