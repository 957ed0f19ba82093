/**
 * The 5R1C network of EN ISO 13790:2008, clause 7.2.2 and annex C, one hour at a time: three nodes (room air, inner
 * surfaces, building mass), five conductances and one capacity. Formula numbers are those of annex C.
 */
export interface Network {
  /** Conditioned floor area, m2. */
  readonly floorArea: number
  /** Inner surfaces that face the room, m2: A_t. */
  readonly surfaceArea: number
  /** Effective area of the mass, m2: A_m. */
  readonly massArea: number
  /** Heat capacity of the mass, J/K: C_m. */
  readonly massCapacity: number
  /** Windows, W/K: H_tr,w. */
  readonly windows: number
  /** Opaque envelope, from outside to the mass, W/K: H_tr,em. */
  readonly envelope: number
  /** From the mass to the surfaces, W/K: H_tr,ms. */
  readonly mass: number
  /** From the surfaces to the air, W/K: H_tr,is. */
  readonly surface: number
}

/** What acts on the network in an hour. Temperatures in °C, heat in W. */
export interface Conditions {
  readonly outdoor: number
  /** Outdoor air that comes in, W/K: H_ve. It enters at the outdoor temperature. */
  readonly ventilation: number
  readonly internalGains: number
  readonly solarGains: number
}

/** Where an hour left the network. Temperatures in °C; `massAfter` at the hour's end, the others its means. */
export interface Nodes {
  readonly air: number
  readonly surface: number
  readonly mass: number
  readonly massAfter: number
}

/** W/(m2 K), clause 12.2.2 and 7.2.2.2. */
const MASS_TO_SURFACE = 9.1
const SURFACE_TO_AIR = 3.45
const SECONDS = 3600

/** Clause 12.2.2: the part of the opaque envelope's resistance that lies outside of the mass (formulas 63 and 64). */
export function network(parts: {
  floorArea: number
  surfaceArea: number
  massArea: number
  massCapacity: number
  windows: number
  opaque: number
}): Network {
  const mass = MASS_TO_SURFACE * parts.massArea
  const { opaque, ...rest } = parts
  return { ...rest, mass, envelope: 1 / (1 / opaque - 1 / mass), surface: SURFACE_TO_AIR * parts.surfaceArea }
}

/** How gains are split between the nodes, W: (C.1) to (C.3). */
export function gainsAtNodes(n: Network, { internalGains, solarGains }: Conditions) {
  const radiant = 0.5 * internalGains + solarGains
  const massShare = n.massArea / n.surfaceArea
  return {
    air: 0.5 * internalGains,
    mass: massShare * radiant,
    surface: (1 - massShare - n.windows / (MASS_TO_SURFACE * n.surfaceArea)) * radiant,
  }
}

/** One hour with a given heating (positive) or cooling (negative) power at the air node, W: (C.4) to (C.11). */
export function solve(n: Network, c: Conditions, massBefore: number, power: number): Nodes {
  const gains = gainsAtNodes(n, c)
  const h1 = 1 / (1 / c.ventilation + 1 / n.surface)
  const h2 = h1 + n.windows
  const h3 = 1 / (1 / h2 + 1 / n.mass)
  const airAlone = c.outdoor + (gains.air + power) / c.ventilation
  const onSurface = gains.surface + n.windows * c.outdoor + h1 * airAlone
  const onMass = gains.mass + n.envelope * c.outdoor + (h3 * onSurface) / h2
  const capacity = n.massCapacity / SECONDS
  const loss = 0.5 * (h3 + n.envelope)
  const massAfter = (massBefore * (capacity - loss) + onMass) / (capacity + loss)
  const mass = (massBefore + massAfter) / 2
  const surface = (n.mass * mass + onSurface) / (n.mass + h2)
  const air = (n.surface * surface + c.ventilation * c.outdoor + gains.air + power) / (n.surface + c.ventilation)
  return { air, surface, mass, massAfter }
}

export interface Need {
  /** Heating (positive) or cooling (negative), W. */
  readonly power: number
  readonly nodes: Nodes
}

/** The power that keeps the air between two setpoints, without limit: clause C.4.2, steps 1 and 2, (C.13). */
export function need(n: Network, c: Conditions, massBefore: number, heatTo: number, coolTo: number): Need {
  const free = solve(n, c, massBefore, 0)
  if (free.air >= heatTo && free.air <= coolTo) return { power: 0, nodes: free }
  const setpoint = free.air < heatTo ? heatTo : coolTo
  const tenWatts = 10 * n.floorArea
  const tried = solve(n, c, massBefore, tenWatts)
  const power = (tenWatts * (setpoint - free.air)) / (tried.air - free.air)
  return { power, nodes: solve(n, c, massBefore, power) }
}
