import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { FAULTS, faultsFor } from '../../tools/chaos/faults.js'
import type { FaultLine } from '../../tools/chaos/report.js'
import { drawScenario, STRIKES } from '../../tools/chaos/scenario.js'

const MAIN = fileURLToPath(new URL('../../scripts/chaos.js', import.meta.url))

async function chaos(...args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number | null, stdout, stderr }
}

describe('chaos', () => {
  it('finds nothing lost, doubled, different or left behind where processes are killed and runs are resumed', async () => {
    const faults = ['client-kill', 'client-term', 'pool-kill', 'two-resumes', 'resume-beside', 'stop-one']
    const { code, stdout, stderr } = await chaos(
      ...['--runs', '2', '--seed', '1', '--mixes', '6', '--faults', faults.join(','), '--json'],
    )
    expect(code, stderr).toBe(0)
    const report = JSON.parse(stdout) as { runs: number; faults: FaultLine[]; failed: unknown[]; never: string[] }
    expect(report).toMatchObject({ runs: 2, failed: [], never: [] })
    expect(report.faults.map(({ fault, struck }) => [fault, struck > 0])).toEqual(
      [...faultsFor('local', 'folder').flatMap(({ name }) => (faults.includes(name) ? [name] : [])), 'all runs'].map(
        (fault) => [fault, true],
      ),
    )
  })

  it('says which faults there are, and refuses others', async () => {
    const help = await chaos('--help')
    expect(help.code).toBe(0)
    for (const { name, title } of FAULTS) expect(help.stdout).toMatch(new RegExp(`${name} +${title}`))
    const refused = await chaos('--faults', 'earthquake')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/Expected --faults to be of client-kill, .*, got earthquake\./)
  })

  it('draws the same from a seed always, and every class of faults within a few seeds', () => {
    const faults = faultsFor('local', 's3')
    const draw = (seed: number) => drawScenario(seed, faults, undefined)
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual({ ...draw(8), seed: 7 })
    for (const first of [0, 1, 2, 1000, 123_456]) {
      const seeds = Array.from({ length: 2 * Math.ceil(faults.length / STRIKES) }, (_, i) => first + i)
      const drawn = new Set(seeds.flatMap((seed) => draw(seed).strikes.map(({ fault }) => fault)))
      expect(drawn.size).toBe(faults.length)
    }
  })
})
