import { describe, expect, it } from 'vitest'
import { unknownVariables } from '../../src/cli/unknown-variables.js'

describe('misspelt variables', () => {
  it('are reported with the nearest name', () => {
    expect(unknownVariables({ SCYTHE_WORKER_SLOT: '1', SCYTHE_STORAGE_BUKET: 'b', SCYTHE_ENGIN: 'local' })).toEqual([
      'SCYTHE_WORKER_SLOT is not a setting and has no effect. Did you mean SCYTHE_WORKER_SLOTS?',
      'SCYTHE_STORAGE_BUKET is not a setting and has no effect. Did you mean SCYTHE_STORAGE_BUCKET?',
      'SCYTHE_ENGIN is not a setting and has no effect. Did you mean SCYTHE_ENGINE?',
    ])
  })

  it('are reported if they look like settings, even if no name is near', () => {
    expect(unknownVariables({ SCYTHE_WORKER_FAVOURITE_COLOUR: '1' })).toEqual([
      'SCYTHE_WORKER_FAVOURITE_COLOUR is not a setting and has no effect.',
    ])
  })

  it('do not include valid variables, nor variables of other programs', () => {
    const right = {
      SCYTHE_WORKER_HAS_GPU: '1',
      SCYTHE_TIMEOUT_EXPERIMENT_SCHEDULE: '1h',
      SCYTHE_STORAGE_FOLDER: 'f',
      SCYTHE_ENGINE: 'local',
    }
    expect(unknownVariables({ ...right, SCYTHE_REQUIRE_ALL: '1', PATH: '', scythe_worker_slot: '1' })).toEqual([])
  })
})
