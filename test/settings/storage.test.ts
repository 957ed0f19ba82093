import { expect, test } from 'vitest'
import { storagePatience } from '../../src/settings/storage.js'

test('a run waits for a store that is away for five minutes, or as long as a variable says', () => {
  expect(storagePatience({ SCYTHE_STORAGE_BUCKET: 'not/a/bucket' })).toBe(300_000)
  expect(storagePatience({ SCYTHE_STORAGE_PATIENCE: '90s' })).toBe(90_000)
})
