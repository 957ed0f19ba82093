import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProgramError, runProgram, simulateOscillator } from '../../../experiments/external-program/oscillator.js'

const SPEC = { mass: 2, damping: 0.4, stiffness: 8, displacement: 0.5, duration: 20, steps: 4000 }
const never = new AbortController().signal

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oscillator-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('simulateOscillator', () => {
  it('follows the exact solution', async () => {
    const { final_position, largest_overshoot, trajectory } = await simulateOscillator(SPEC, folder, never)
    expect(final_position).toBeCloseTo(exactPosition(20), 8)
    expect(largest_overshoot).toBeCloseTo(-exactPosition(Math.PI / Math.sqrt(4 - 0.01)), 5)
    const lines = (await readFile(trajectory, 'utf8')).trimEnd().split('\n')
    expect(lines[0]).toBe('time,position,velocity')
    expect(lines).toHaveLength(4002)
    for (const line of lines.slice(1)) {
      const [time, position] = line.split(',').map(Number)
      expect(position).toBeCloseTo(exactPosition(time!), 8)
    }
  })
})

describe('runProgram', () => {
  it('says which program is missing and what to do', async () => {
    const error = await runProgram('no-such-program', [], folder, never).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ProgramError)
    expect((error as Error).message).toBe(
      'The program no-such-program was not found. Install it, or add its folder to PATH.',
    )
  })

  it('says how a program failed, in its own words', async () => {
    await expect(runProgram('awk', ['-f', 'missing.awk'], folder, never)).rejects.toThrow(
      /^The program awk ended with \d+: .*missing\.awk/s,
    )
  })

  it('ends the program when the signal aborts', async () => {
    const controller = new AbortController()
    const running = runProgram('awk', ['BEGIN { while (1) i++ }'], folder, controller.signal)
    controller.abort()
    await expect(running).rejects.toMatchObject({ name: 'AbortError' })
  })
})

/** m x'' + c x' + k x = 0 from rest at `displacement`, underdamped. */
function exactPosition(time: number): number {
  const decay = SPEC.damping / (2 * SPEC.mass)
  const frequency = Math.sqrt(SPEC.stiffness / SPEC.mass - decay ** 2)
  const swing = Math.cos(frequency * time) + (decay / frequency) * Math.sin(frequency * time)
  return SPEC.displacement * Math.exp(-decay * time) * swing
}
