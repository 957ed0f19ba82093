import { fileURLToPath } from 'node:url'
import { openStore, type Store } from '../../src/index.js'

/** Runs that Python Scythe 1.2.0 wrote to `s3://scythe-test/scythe`, as the bucket held them but for what its fans kept for themselves. */
export const GOLDEN = {
  points: 'points/v2.0.0/2026-11-21_12-44-15',
  errors: 'errors/v1.0.0/2026-11-21_12-45-10',
  recurse: 'recurse/v1.0.0/2026-11-21_12-45-14',
  profile: 'profile/v1.0.0/2026-11-21_12-45-18',
  single: 'single/v1.0.0/2026-11-21_12-45-21',
}

export type GoldenName = keyof typeof GOLDEN

export function goldenStore(): Store {
  return openStore(fileURLToPath(new URL('../fixtures/golden/runs', import.meta.url)))
}

/** Copies every object under a prefix into another store, under another prefix if one is given. */
export async function copyObjects(from: Store, to: Store, prefix = '', newPrefix = prefix): Promise<void> {
  for await (const { key } of from.list(prefix)) {
    await to.put(newPrefix + key.slice(prefix.length), await from.get(key))
  }
}
