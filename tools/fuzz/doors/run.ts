import { stringify } from 'yaml'
import { readRootId } from '../../../src/run/root-task.js'
import { openRun } from '../../../src/run/run.js'
import { readAllocation } from '../../../src/scatter/allocation.js'
import { jsonText } from '../../../src/scatter/read-json.js'
import { scopedStore } from '../../../src/store/scoped-store.js'
import type { Random } from '../../chaos/random.js'
import { createMemoryStore } from '../../simulation/memory-store.js'
import type { Door } from '../door.js'
import { damaged } from '../mutate.js'
import { damagedValue } from '../mutate-value.js'
import { RUN, TABLES, VALUES } from './run-files.js'

const CODES = ['RUN_OBJECT_INVALID', 'RUN_NOT_DONE', 'RUN_INCOMPLETE', 'TABLE_NOT_FOUND', 'OBJECT_NOT_FOUND']

/** An object as it is written: with its checksum, or as YAML. */
export function textOf(key: string, value: unknown): string {
  if (key.endsWith('.yml')) return stringify(value)
  return typeof value === 'object' && value !== null ? jsonText(value) : JSON.stringify(value)
}

/** Objects of a run, one of them damaged: its key, a line end, and what it holds now. */
export const run: Door = {
  name: 'run',
  title: 'a run whose manifest, allocation, plan, receipts, io spec or tables are damaged',
  codes: CODES,
  make(random) {
    const key = random.pick([...Object.keys(VALUES), ...Object.keys(TABLES)])
    return Buffer.concat([Buffer.from(`${key}\n`), contentOf(key, random)])
  },
  async take(input, random) {
    const bytes = Buffer.from(input)
    const end = bytes.indexOf('\n')
    const key = bytes.toString('utf8', 0, end)
    const objects = new Map<string, Uint8Array>()
    const isOpen = key !== 'receipt.json' && random.chance(0.3)
    for (const [name, value] of Object.entries(VALUES)) {
      if (name === 'receipt.json' && isOpen) continue
      objects.set(`${RUN}/${name}`, Buffer.from(textOf(name, value)))
    }
    for (const [name, table] of Object.entries(TABLES)) objects.set(`${RUN}/${name}`, table)
    objects.set(`${RUN}/${key}`, bytes.subarray(end + 1))
    const store = createMemoryStore(objects)
    const folder = scopedStore(store, RUN)
    const opened = await openRun(store, RUN)
    await opened.status()
    await readRootId(folder)
    await opened.ioSpec()
    for await (const _ of opened.specs());
    await readAllocation(folder)
    for (const table of Object.keys(await opened.results())) for await (const _ of opened.rows(table));
  },
}

function contentOf(key: string, random: Random): Uint8Array {
  const table = TABLES[key]
  if (table) return damaged(table, random, { words: ['PAR1', 'SCYTHECR'] })
  const value = VALUES[key]
  if (random.chance(0.6)) return Buffer.from(textOf(key, damagedValue(value, random)))
  return damaged(Buffer.from(textOf(key, value)), random, { words: ['{', '}', 'null', ': ', '&a ', '*a', '!!', '- '] })
}
