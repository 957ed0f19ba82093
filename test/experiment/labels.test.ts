import { describe, expect, expectTypeOf, it } from 'vitest'
import { type DesiredWorkerLabels, missingLabels, ScytheWorkerLabel } from '../../src/experiment/labels.js'

describe('worker labels', () => {
  it('combine by spreading', () => {
    const labels = {
      ...ScytheWorkerLabel.HAS_GPU.workerLabel,
      ...ScytheWorkerLabel.HIGH_MEMORY.workerLabel,
      ...ScytheWorkerLabel.HIGH_CPU.workerLabel,
    }
    expect(labels).toEqual({
      has_gpu: { value: 'yes', required: true },
      high_memory: { value: 'yes', required: true },
      high_cpu: { value: 'yes', required: true },
    })
    expectTypeOf(labels).toExtend<DesiredWorkerLabels>()
    expectTypeOf(labels).toHaveProperty('has_gpu')
  })

  it('are reported as missing if they are required and the worker lacks them or has another value', () => {
    const desired: DesiredWorkerLabels = {
      ...ScytheWorkerLabel.HAS_GPU.workerLabel,
      zone: { value: 2, required: true },
      fast: { value: 'yes', weight: 100 },
    }
    expect(missingLabels(desired, {})).toEqual(['has_gpu', 'zone'])
    expect(missingLabels(desired, { has_gpu: 'no', zone: '2' })).toEqual(['has_gpu'])
    expect(missingLabels(desired, { has_gpu: 'yes', zone: 2, more: 'x' })).toEqual([])
    expect(missingLabels({}, {})).toEqual([])
  })
})
