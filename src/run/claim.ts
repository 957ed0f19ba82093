import type { Store } from '../store/store.js'
import { within } from '../store/within.js'
import { formatRunId, IO_SPEC_KEY, type RunId } from './layout.js'
import { toYaml } from './manifest.js'

/**
 * Takes a run's folder: the first free second from `id.time` on. The io spec is written first, where none is, so of two
 * allocations in one second one gets the next.
 */
export async function claimRun(store: Store, id: RunId, ioSpec: unknown): Promise<string> {
  const yaml = await toYaml(ioSpec)
  for (let time = id.time; ; time = new Date(time.getTime() + 1000)) {
    const claimed = formatRunId({ ...id, time })
    if (await within(store, claimed).putIfAbsent(IO_SPEC_KEY, yaml)) return claimed
  }
}
