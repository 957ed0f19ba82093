import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dispatch } from '../../../src/cli/command-line.js'
import { textOf } from '../../../tools/fuzz/doors/run.js'
import { RUN, TABLES, VALUES } from '../../../tools/fuzz/doors/run-files.js'
import type { Door, Files } from '../door.js'

export interface Given {
  readonly words: string
  /** What its objects hold instead, by their keys; `undefined`: they are missing. */
  readonly damage?: Readonly<Record<string, unknown>>
}

const TWIN = RUN.replace('fuzzed', 'walls/fuzzed').replace('2026-01-31', '2025-01-31')
export const CUT = Symbol('cut off')
/** A folder stands in the place of an object. */
export const FOLDER = Symbol('folder')
/** A file stands in the place of a folder. */
export const FILE = Symbol('file')

/** Where commands about runs come in, some of whose objects are damaged. */
export const RUNS_DOOR: Omit<Door<Given>, 'title' | 'cases'> = {
  code: 'RUN_OBJECT_INVALID',
  files: () => ({ ...runFiles(RUN), ...runFiles(TWIN) }),
  async take({ words, damage = {} }, folder) {
    for (const [key, value] of Object.entries(damage)) {
      const path = `${folder}/.scythe/${RUN}/${key}`
      if (value === undefined) rmSync(path)
      else if (value === FOLDER || value === FILE) {
        rmSync(path, { recursive: true })
        if (value === FOLDER) mkdirSync(path)
        else writeFileSync(path, '')
      } else if (value === CUT) writeFileSync(path, textOf(key, VALUES[key] ?? {}).slice(0, 40))
      else if (typeof value === 'string' || Buffer.isBuffer(value)) writeFileSync(path, value)
      else writeFileSync(path, textOf(key, value))
    }
    return dispatch(words.split(' '))
  },
}

/** Returns the bytes of a table with another bit. */
export function changed(key: string): Buffer {
  const bytes = Buffer.from(TABLES[key]!)
  bytes[30]! ^= 1
  return bytes
}

function runFiles(id: string): Files {
  const values = Object.entries(VALUES).map(([key, value]) => [`.scythe/${id}/${key}`, textOf(key, value)])
  const tables = Object.entries(TABLES).map(([key, bytes]) => [`.scythe/${id}/${key}`, bytes])
  return Object.fromEntries([...values, ...tables])
}
