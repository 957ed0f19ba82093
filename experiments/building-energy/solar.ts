import { HOURS, type Weather } from './epw.js'
import { beamTransmittance, DIFFUSE_TRANSMITTANCE } from './glazing.js'

/** Which way a surface faces: `azimuth` in degrees clockwise from north, `tilt` from horizontal (0 faces up, 90 is a wall). */
export interface Orientation {
  readonly azimuth: number
  readonly tilt: number
}

/** What falls on a surface in each hour, W/m2. */
export interface Irradiance {
  /** On the outside. */
  readonly incident: Float64Array
  /** The same as seen through glass: each ray weighted by how much the glass lets pass at its angle, 1 at normal incidence. */
  readonly throughGlass: Float64Array
}

/** Where the sun stands, as a unit vector: towards east, north and up. */
export interface SunVector {
  readonly east: number
  readonly north: number
  readonly up: number
}

const RADIANS = Math.PI / 180
const SOLAR_CONSTANT = 1367
const GROUND_REFLECTANCE = 0.2
/** The sun moves 15 degrees an hour: an hour's mean is taken over so many moments. */
const MOMENTS = 6

/**
 * Declination (rad) and equation of time (min) by J. W. Spencer, "Fourier series representation of the position of the
 * sun", Search 2 (5), 1971. For a mean year, as typical years are: on a date of a real one it may be off by 0.4 degrees.
 */
function spencer(dayOfYear: number): { declination: number; equationOfTime: number } {
  const g = (2 * Math.PI * (dayOfYear - 1)) / 365
  const declination =
    0.006918 -
    0.399912 * Math.cos(g) +
    0.070257 * Math.sin(g) -
    0.006758 * Math.cos(2 * g) +
    0.000907 * Math.sin(2 * g) -
    0.002697 * Math.cos(3 * g) +
    0.00148 * Math.sin(3 * g)
  const equationOfTime =
    229.18 *
    (0.000075 +
      0.001868 * Math.cos(g) -
      0.032077 * Math.sin(g) -
      0.014615 * Math.cos(2 * g) -
      0.04089 * Math.sin(2 * g))
  return { declination, equationOfTime }
}

/** The sun at a moment of local standard time: `dayOfYear` from 1, `time` in hours from midnight. */
export function sunAt(place: Weather['location'], dayOfYear: number, time: number): SunVector {
  const { declination, equationOfTime } = spencer(dayOfYear)
  const solarTime = time + equationOfTime / 60 + place.longitude / 15 - place.timeZone
  const hourAngle = (solarTime - 12) * 15 * RADIANS
  const latitude = place.latitude * RADIANS
  return {
    east: -Math.cos(declination) * Math.sin(hourAngle),
    north:
      Math.sin(declination) * Math.cos(latitude) - Math.cos(declination) * Math.cos(hourAngle) * Math.sin(latitude),
    up: Math.sin(declination) * Math.sin(latitude) + Math.cos(declination) * Math.cos(hourAngle) * Math.cos(latitude),
  }
}

/**
 * The sky as seen by a tilted surface: R. Perez, P. Ineichen, R. Seals, J. Michalsky, R. Stewart, "Modeling daylight
 * availability and irradiance components from direct and global irradiance", Solar Energy 44 (5), 1990, table 1.
 * A row for each bin of the sky's clearness: its upper end, then f11, f12, f13, f21, f22, f23.
 */
const PEREZ = [
  [1.065, -0.008, 0.588, -0.062, -0.06, 0.072, -0.022],
  [1.23, 0.13, 0.683, -0.151, -0.019, 0.066, -0.029],
  [1.5, 0.33, 0.487, -0.221, 0.055, -0.064, -0.026],
  [1.95, 0.568, 0.187, -0.295, 0.109, -0.152, -0.014],
  [2.8, 0.873, -0.392, -0.362, 0.226, -0.462, 0.001],
  [4.5, 1.132, -1.237, -0.412, 0.288, -0.823, 0.056],
  [6.2, 1.06, -1.6, -0.359, 0.264, -1.127, 0.131],
  [Number.POSITIVE_INFINITY, 0.678, -0.327, -0.25, 0.156, -1.377, 0.251],
] as const

/** Cosine of 85 degrees, below which Perez takes the sun to be no lower. */
const LOWEST_SUN = Math.cos(85 * RADIANS)
const EVEN_SKY = { circumsolar: 0, horizon: 0 }

/** The share of the diffuse radiation that comes from around the sun (`circumsolar`) and from the horizon's band. */
function brightness(direct: number, diffuse: number, sunUp: number, dayOfYear: number) {
  const zenith = Math.acos(sunUp)
  const clearness = ((diffuse + direct) / diffuse + 1.041 * zenith ** 3) / (1 + 1.041 * zenith ** 3)
  const [, f11, f12, f13, f21, f22, f23] = PEREZ.find(([end]) => clearness < end) ?? PEREZ[7]
  // F. Kasten, A. T. Young, "Revised optical air mass tables", Applied Optics 28, 1989.
  const degrees = zenith / RADIANS
  const airMass = 1 / (sunUp + 0.50572 * (96.07995 - degrees) ** -1.6364)
  const extraterrestrial = SOLAR_CONSTANT * (1 + 0.033 * Math.cos((2 * Math.PI * dayOfYear) / 365))
  const delta = (diffuse * airMass) / extraterrestrial
  return { circumsolar: Math.max(0, f11 + f12 * delta + f13 * zenith), horizon: f21 + f22 * delta + f23 * zenith }
}

/** One hour's mean position of the sun, seen from a surface. Means are over the moments when the sun is up. */
interface SunOnSurface {
  readonly up: number
  /** Cosine of the angle of incidence, 0 where the sun is behind the surface. */
  readonly incidence: number
  /** The same, weighted by the glass's transmittance at each moment's angle. */
  readonly incidenceThroughGlass: number
}

function meanSun(sun: readonly SunVector[], normal: SunVector): SunOnSurface | undefined {
  let moments = 0
  let up = 0
  let incidence = 0
  let incidenceThroughGlass = 0
  for (const moment of sun) {
    if (moment.up <= 0) continue
    const cosine = Math.max(0, moment.east * normal.east + moment.north * normal.north + moment.up * normal.up)
    moments += 1
    up += moment.up
    incidence += cosine
    incidenceThroughGlass += cosine * beamTransmittance(cosine)
  }
  if (moments === 0) return undefined
  return { up: up / moments, incidence: incidence / moments, incidenceThroughGlass: incidenceThroughGlass / moments }
}

/** Day of the year, from 1, of an hour. */
function dayOf(hour: number): number {
  return Math.floor(hour / 24) + 1
}

/** The sun at `MOMENTS` moments of each hour of the year. */
function sunPath(weather: Weather): SunVector[][] {
  return Array.from({ length: HOURS }, (_, i) =>
    Array.from({ length: MOMENTS }, (_, k) => sunAt(weather.location, dayOf(i), (i % 24) + (k + 0.5) / MOMENTS)),
  )
}

function onSurface(weather: Weather, path: readonly SunVector[][], { azimuth, tilt }: Orientation): Irradiance {
  const normal = {
    east: Math.sin(tilt * RADIANS) * Math.sin(azimuth * RADIANS),
    north: Math.sin(tilt * RADIANS) * Math.cos(azimuth * RADIANS),
    up: Math.cos(tilt * RADIANS),
  }
  const incident = new Float64Array(HOURS)
  const throughGlass = new Float64Array(HOURS)
  path.forEach((moments, i) => {
    const direct = weather.directNormal[i]!
    const diffuse = weather.diffuseHorizontal[i]!
    const ground = (GROUND_REFLECTANCE * weather.globalHorizontal[i]! * (1 - normal.up)) / 2
    const sun = meanSun(moments, normal)
    const { circumsolar, horizon } = sun && diffuse > 0 ? brightness(direct, diffuse, sun.up, dayOf(i)) : EVEN_SKY
    const beam = sun ? direct + (diffuse * circumsolar) / Math.max(LOWEST_SUN, sun.up) : 0
    const sky = diffuse * (((1 - circumsolar) * (1 + normal.up)) / 2 + horizon * Math.sin(tilt * RADIANS))
    const scattered = Math.max(0, sky) + ground
    incident[i] = beam * (sun?.incidence ?? 0) + scattered
    throughGlass[i] = beam * (sun?.incidenceThroughGlass ?? 0) + scattered * DIFFUSE_TRANSMITTANCE
  })
  return { incident, throughGlass }
}

export const FACADES = {
  north: { azimuth: 0, tilt: 90 },
  east: { azimuth: 90, tilt: 90 },
  south: { azimuth: 180, tilt: 90 },
  west: { azimuth: 270, tilt: 90 },
  up: { azimuth: 180, tilt: 0 },
} as const satisfies Record<string, Orientation>

export type Facade = keyof typeof FACADES
export type Sunshine = Readonly<Record<Facade, Irradiance>>

const cache = new WeakMap<Weather, Sunshine>()

/** A year of sun on each facade; worked out once for a weather. */
export function sunshine(weather: Weather): Sunshine {
  const cached = cache.get(weather)
  if (cached) return cached
  const path = sunPath(weather)
  const result = Object.fromEntries(
    Object.entries(FACADES).map(([facade, orientation]) => [facade, onSurface(weather, path, orientation)]),
  ) as Record<Facade, Irradiance>
  cache.set(weather, result)
  return result
}
