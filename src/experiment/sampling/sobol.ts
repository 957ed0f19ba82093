/**
 * For each dimension except the first, a primitive polynomial, as its bits, and the first direction
 * numbers. They come from S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better
 * two-dimensional projections" (2008). SciPy uses them, too.
 */
const DIRECTIONS: readonly (readonly [polynomial: number, ...numbers: number[]])[] = [
  [3, 1],
  [7, 1, 3],
  [11, 1, 3, 1],
  [13, 1, 1, 1],
  [19, 1, 1, 3, 3],
  [25, 1, 3, 5, 13],
  [37, 1, 1, 5, 5, 17],
  [41, 1, 1, 5, 5, 5],
  [47, 1, 1, 7, 11, 19],
  [55, 1, 1, 5, 1, 1],
  [59, 1, 1, 1, 3, 11],
  [61, 1, 3, 5, 5, 31],
  [67, 1, 3, 3, 9, 7, 49],
  [91, 1, 1, 1, 15, 21, 21],
  [97, 1, 3, 1, 13, 27, 49],
  [103, 1, 1, 1, 15, 7, 5],
  [109, 1, 3, 1, 15, 13, 25],
  [115, 1, 1, 5, 5, 19, 61],
  [131, 1, 3, 7, 11, 23, 15, 103],
  [137, 1, 3, 7, 13, 13, 15, 69],
  [143, 1, 1, 3, 13, 7, 35, 63],
  [145, 1, 3, 5, 9, 1, 25, 53],
  [157, 1, 3, 1, 13, 9, 35, 107],
  [167, 1, 3, 1, 5, 27, 61, 31],
  [171, 1, 1, 5, 11, 19, 41, 61],
  [185, 1, 3, 5, 3, 3, 13, 69],
  [191, 1, 1, 7, 13, 1, 19, 1],
  [193, 1, 3, 7, 5, 13, 19, 59],
  [203, 1, 1, 3, 9, 25, 29, 41],
  [211, 1, 3, 5, 13, 23, 1, 55],
  [213, 1, 3, 7, 3, 13, 59, 17],
]

export const SOBOL_DIMENSIONS = DIRECTIONS.length + 1
const BITS = 30
/** The number of points that differ from each other. */
export const SOBOL_POINTS = 2 ** BITS

/**
 * Yields the points of a Sobol sequence in the unit cube, as SciPy does without scrambling: the
 * first point is the origin.
 */
export function* sobolPoints(dimensions: number): Generator<number[]> {
  const directions = Array.from({ length: dimensions }, (_, dimension) => directionNumbers(dimension))
  const point = new Array<number>(dimensions).fill(0)
  for (let index = 0; index < SOBOL_POINTS; index++) {
    yield point.map((bits) => bits / SOBOL_POINTS)
    // The Gray code of the next index differs in one bit: that of the lowest zero.
    const bit = 31 - Math.clz32(~index & (index + 1))
    if (bit >= BITS) return
    for (let i = 0; i < dimensions; i++) point[i]! ^= directions[i]![bit]!
  }
}

function directionNumbers(dimension: number): number[] {
  const [polynomial, ...numbers] = dimension === 0 ? [1] : DIRECTIONS[dimension - 1]!
  const degree = 31 - Math.clz32(polynomial)
  const found: number[] = dimension === 0 ? new Array<number>(BITS).fill(1) : numbers
  for (let j = found.length; j < BITS; j++) {
    let next = found[j - degree]!
    for (let k = 0; k < degree; k++) {
      if ((polynomial >> (degree - 1 - k)) & 1) next ^= found[j - k - 1]! << (k + 1)
    }
    found.push(next)
  }
  return found.map((number, j) => number << (BITS - 1 - j))
}
