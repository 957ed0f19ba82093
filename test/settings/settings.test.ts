import { describe, expect, it } from 'vitest'
import { engineKind } from '../../src/settings/engine.js'
import { timeoutSettings } from '../../src/settings/timeouts.js'

describe('the default engine', () => {
  it('is local without a token, Hatchet with a token, and always the value of SCYTHE_ENGINE if it is set', () => {
    expect(engineKind({})).toBe('local')
    expect(engineKind({}, 'embedded')).toBe('embedded')
    expect(engineKind({ HATCHET_CLIENT_TOKEN: '' })).toBe('local')
    expect(engineKind({ HATCHET_CLIENT_TOKEN: 'x' }, 'embedded')).toBe('hatchet')
    expect(engineKind({ HATCHET_CLIENT_TOKEN: 'x', SCYTHE_ENGINE: 'local' })).toBe('local')
    expect(() => engineKind({ SCYTHE_ENGINE: 'remote' })).toThrow(/expected local, embedded or hatchet, got "remote"/)
  })
})

describe('time-outs', () => {
  it('are in ms, with the effective defaults', () => {
    expect(
      timeoutSettings({ SCYTHE_TIMEOUT_EXPERIMENT_EXECUTION: '1m', SCYTHE_TIMEOUT_SCATTER_GATHER_EXECUTION: '2h' }),
    ).toEqual({
      experimentExecution: 60_000,
      experimentSchedule: undefined,
      scatterGatherExecution: 7_200_000,
      scatterGatherSchedule: 2_592_000_000,
    })
    expect(timeoutSettings({})).toMatchObject({ experimentExecution: 3_600_000, scatterGatherExecution: 3_600_000 })
  })
})
