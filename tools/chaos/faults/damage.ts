import { existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesIn } from '../place.js'
import type { Random } from '../random.js'
import { ANY_ENGINE, ANY_STORE, type Arena, type Fault } from './fault.js'

/** Flips a bit, or cuts the file off. */
function damage(path: string, random: Random): void {
  const { size } = statSync(path)
  if (random.chance(0.4)) {
    truncateSync(path, random.whole(0, size - 1))
    return
  }
  const bytes = readFileSync(path)
  const at = random.whole(0, size - 1)
  bytes[at]! ^= 1 << random.whole(0, 7)
  writeFileSync(path, bytes)
}

/** Another fault may be on, which keeps everybody from writing. */
function unlessGuarded(act: () => void): boolean {
  try {
    act()
    return true
  } catch (error) {
    if (['EROFS', 'ENOENT', 'EMFILE'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

/** While nobody works at the run, something in it is damaged; then it is gone on with. */
function damaging(name: string, title: string, isIt: (path: string) => boolean): Fault {
  return {
    name,
    title,
    engines: ANY_ENGINE,
    stores: ANY_STORE,
    async strike(arena: Arena, random: Random) {
      await arena.killClients('SIGKILL')
      const folder = arena.runFolder()
      const found = folder === undefined ? [] : filesIn(folder).filter(isIt).sort()
      if (folder === undefined || found.length === 0 || existsSync(join(folder, 'receipt.json'))) return false
      return unlessGuarded(() => damage(join(folder, random.pick(found)), random))
    },
  }
}

export const damageFaults: readonly Fault[] = [
  damaging('damaged-part', 'a part is damaged, then the run is resumed', (path) => path.startsWith('parts/')),
  damaging('damaged-receipt', 'a receipt is damaged, then the run is resumed', (path) => path.startsWith('receipts/')),
  damaging('damaged-plan', 'the plan is damaged, then the run is resumed', (path) => path === 'plan.json'),
  {
    name: 'lost-table',
    title: 'a final table of a run that is done is deleted, then the run is resumed',
    engines: ANY_ENGINE,
    stores: ANY_STORE,
    atEnd: true,
    async strike(arena, random) {
      const folder = arena.runFolder()
      const found = folder === undefined ? [] : filesIn(join(folder, 'final')).sort()
      if (folder === undefined || found.length === 0) return false
      const hit = unlessGuarded(() => rmSync(join(folder, 'final', random.pick(found))))
      if (hit) arena.resume()
      return hit
    },
  },
]
