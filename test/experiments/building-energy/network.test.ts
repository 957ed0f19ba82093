import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Conditions,
  gainsAtNodes,
  type Network,
  need,
  network,
  solve,
} from '../../../experiments/building-energy/network.js'

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })

/** Anything from a hut to an office tower, airtight to draughty. */
const networks = fc
  .record({
    floorArea: between(10, 10_000),
    perFloor: fc.record({
      surfaceArea: between(3, 6),
      massArea: between(1, 3),
      massCapacity: between(40_000, 400_000),
      windows: between(0, 2),
      opaque: between(0.05, 3),
    }),
  })
  .map(({ floorArea, perFloor }) =>
    network({
      floorArea,
      surfaceArea: perFloor.surfaceArea * floorArea,
      massArea: perFloor.massArea * floorArea,
      massCapacity: perFloor.massCapacity * floorArea,
      windows: perFloor.windows * floorArea,
      opaque: perFloor.opaque * floorArea,
    }),
  )

const conditions = fc.record({
  outdoor: between(-40, 45),
  ventilation: between(1, 5000),
  internalGains: between(0, 50_000),
  solarGains: between(-5000, 100_000),
})

/** Heat into each node less heat out of it and less what it stores, W. */
function imbalance(n: Network, c: Conditions, before: number, power: number) {
  const { air, surface, mass, massAfter } = solve(n, c, before, power)
  const gains = gainsAtNodes(n, c)
  return {
    air: c.ventilation * (c.outdoor - air) + n.surface * (surface - air) + gains.air + power,
    surface:
      n.surface * (air - surface) + n.windows * (c.outdoor - surface) + n.mass * (mass - surface) + gains.surface,
    mass:
      n.mass * (surface - mass) +
      n.envelope * (c.outdoor - mass) +
      gains.mass -
      (n.massCapacity * (massAfter - before)) / 3600,
  }
}

describe('solve', () => {
  it('loses no heat and makes none, at any node in any hour', () => {
    fc.assert(
      fc.property(networks, conditions, between(-20, 60), between(-1e6, 1e6), (n, c, before, power) => {
        const turnover = 1 + Math.abs(power) + c.internalGains + Math.abs(c.solarGains) + (n.surface + n.mass) * 100
        for (const rest of Object.values(imbalance(n, c, before, power))) {
          expect(Math.abs(rest) / turnover).toBeLessThan(1e-10)
        }
      }),
    )
  })

  it('settles where conductances in series and in parallel say', () => {
    const n = network({
      floorArea: 100,
      surfaceArea: 450,
      massArea: 250,
      massCapacity: 1.65e7,
      windows: 50,
      opaque: 80,
    })
    const c = { outdoor: 5, ventilation: 40, internalGains: 0, solarGains: 0 }
    let mass = 20
    for (let hour = 0; hour < 2000; hour++) mass = solve(n, c, mass, 3000).massAfter
    const throughMass = 1 / (1 / n.mass + 1 / n.envelope)
    const total = 40 + 1 / (1 / n.surface + 1 / (n.windows + throughMass))
    expect(throughMass).toBeCloseTo(80, 10)
    expect(solve(n, c, mass, 3000).air).toBeCloseTo(5 + 3000 / total, 9)
  })
})

describe('need', () => {
  it('keeps the air between the setpoints with the least power that does', () => {
    fc.assert(
      fc.property(networks, conditions, between(0, 40), (n, c, before) => {
        const { power, nodes } = need(n, c, before, 20, 26)
        const free = solve(n, c, before, 0).air
        if (power > 0) expect(free).toBeLessThan(20)
        if (power < 0) expect(free).toBeGreaterThan(26)
        expect(nodes.air).toBeGreaterThan(20 - 1e-6)
        expect(nodes.air).toBeLessThan(26 + 1e-6)
        if (power !== 0) expect(nodes.air).toBeCloseTo(power > 0 ? 20 : 26, 6)
      }),
    )
  })
})
