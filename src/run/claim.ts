import { randomUUID } from 'node:crypto'
import type { Store } from '../store/store.js'
import { within } from '../store/within.js'
import { formatRunId, IO_SPEC_KEY, type RunId } from './layout.js'
import { toYaml } from './manifest.js'

/**
 * Takes a run's folder: the first free second from `id.time` on. The io spec is written first, where none is, so of two
 * allocations in one second one gets the next. What is there may be one's own whose answer was lost: the comment in it tells.
 */
export async function claimRun(store: Store, id: RunId, ioSpec: unknown): Promise<string> {
  const yaml = `${await toYaml(ioSpec)}# claim ${randomUUID()}\n`
  for (let time = id.time; ; time = new Date(time.getTime() + 1000)) {
    const claimed = formatRunId({ ...id, time })
    const folder = within(store, claimed)
    if (await folder.putIfAbsent(IO_SPEC_KEY, yaml)) return claimed
    if (Buffer.from(await folder.get(IO_SPEC_KEY)).toString() === yaml) return claimed
  }
}
