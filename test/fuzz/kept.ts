import { readFileSync } from 'node:fs'

/**
 * Inputs that were not taken as they should be once: the door, and the seed. Their bytes lie in `kept/`, because what a seed makes changes
 * with the code that damages inputs.
 */
export const KEPT: readonly (readonly [door: string, seed: number])[] = [
  ['csv', 5],
  ['csv', 44],
  ['json', 24],
  ['json', 224],
  ['packed', 21],
  ['packed', 185],
  ['packed', 956580575],
  ['parquet', 3],
  ['parquet', 6],
  ['parquet', 608],
  ['receipt', 375],
  ['run', 43],
  ['run', 87],
  ['run', 956596970],
  ['task', 4],
  ['task', 256],
  ['connection', 8],
]

export function keptBytes(door: string, seed: number): Uint8Array {
  return readFileSync(new URL(`kept/${door}-${seed}`, import.meta.url))
}
