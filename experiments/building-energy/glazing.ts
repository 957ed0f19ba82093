/**
 * How much less a clear double pane lets pass of a ray that does not fall square on it: the solar heat gain coefficient at
 * angles of 0, 10, … 90 degrees, and of diffuse radiation (ANSI/ASHRAE Standard 140-2020, angular properties of the
 * glass of case 600). It stands where EN ISO 13790:2008, 11.4.2, has the constant correction 0.9.
 */
const BY_ANGLE = [0.769, 0.768, 0.766, 0.761, 0.748, 0.718, 0.651, 0.509, 0.267, 0]
const DIFFUSE = 0.67
const AT_NORMAL = 0.769

/** For a beam, from the cosine of its angle of incidence: 1 at normal incidence, 0 at 90 degrees. */
export function beamTransmittance(cosine: number): number {
  const steps = Math.acos(Math.min(1, Math.max(0, cosine))) / (Math.PI / 18)
  const below = Math.min(Math.floor(steps), BY_ANGLE.length - 2)
  const share = steps - below
  return (BY_ANGLE[below]! * (1 - share) + BY_ANGLE[below + 1]! * share) / AT_NORMAL
}

export const DIFFUSE_TRANSMITTANCE = DIFFUSE / AT_NORMAL
