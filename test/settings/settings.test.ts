import { describe, expect, it } from 'vitest'
import { engineKind } from '../../src/settings/engine.js'
import { timeoutSettings } from '../../src/settings/timeouts.js'
import { unknownVariables } from '../../src/settings/unknown-variables.js'

describe('the engine', () => {
  it('is local without a token, Hatchet with one, and what SCYTHE_ENGINE says before both', () => {
    expect(engineKind({})).toBe('local')
    expect(engineKind({}, 'embedded')).toBe('embedded')
    expect(engineKind({ HATCHET_CLIENT_TOKEN: '' })).toBe('local')
    expect(engineKind({ HATCHET_CLIENT_TOKEN: 'x' }, 'embedded')).toBe('hatchet')
    expect(engineKind({ HATCHET_CLIENT_TOKEN: 'x', SCYTHE_ENGINE: 'local' })).toBe('local')
    expect(() => engineKind({ SCYTHE_ENGINE: 'remote' })).toThrow(/expected local, embedded or hatchet, got "remote"/)
  })
})

describe('timeouts', () => {
  it('are in ms, and undefined where they are not set', () => {
    expect(
      timeoutSettings({ SCYTHE_TIMEOUT_EXPERIMENT_EXECUTION: '1m', SCYTHE_TIMEOUT_SCATTER_GATHER_SCHEDULE: '2h' }),
    ).toEqual({
      scatterGatherSchedule: 7_200_000,
      scatterGatherExecution: undefined,
      experimentSchedule: undefined,
      experimentExecution: 60_000,
    })
  })
})

describe('misspelt variables', () => {
  it('are pointed out with the nearest name', () => {
    expect(unknownVariables({ SCYTHE_WORKER_SLOT: '1', SCYTHE_STORAGE_BUKET: 'b', SCYTHE_ENGIN: 'local' })).toEqual([
      'SCYTHE_WORKER_SLOT is not a setting and has no effect. Did you mean SCYTHE_WORKER_SLOTS?',
      'SCYTHE_STORAGE_BUKET is not a setting and has no effect. Did you mean SCYTHE_STORAGE_BUCKET?',
      'SCYTHE_ENGIN is not a setting and has no effect. Did you mean SCYTHE_ENGINE?',
    ])
  })

  it('are pointed out where they look like settings, though none is near', () => {
    expect(unknownVariables({ SCYTHE_WORKER_FAVOURITE_COLOUR: '1' })).toEqual([
      'SCYTHE_WORKER_FAVOURITE_COLOUR is not a setting and has no effect.',
    ])
  })

  it('are not those that are right, and not what belongs to others', () => {
    const right = {
      SCYTHE_WORKER_HAS_GPU: '1',
      SCYTHE_TIMEOUT_EXPERIMENT_SCHEDULE: '1h',
      SCYTHE_STORAGE_FOLDER: 'f',
      SCYTHE_ENGINE: 'local',
    }
    expect(unknownVariables({ ...right, SCYTHE_REQUIRE_ALL: '1', PATH: '', scythe_worker_slot: '1' })).toEqual([])
  })
})
