import { distance } from 'fastest-levenshtein'

/**
 * Returns the candidate that a misspelt name most likely means, or `undefined` if none is similar.
 */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase())
    if (edits < least) {
      least = edits
      best = candidate
    }
  }
  return best
}
