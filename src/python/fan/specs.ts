import { createHash } from 'node:crypto'
import { RunObjectInvalidError } from '../../scatter/errors.js'
import { own } from '../../settings/own.js'
import { TableUnreadableError } from '../../table/errors.js'
import { openTable } from '../../table/file.js'
import type { Column } from '../../table/schema.js'
import { decodeSlice, readSlice } from '../../table/slice.js'
import { bytesSource } from '../../table/source.js'

type Row = Readonly<Record<string, unknown>>

/** The specs of a fan, in the order of their `sort_index`. */
export interface PythonSpecs {
  readonly count: number
  /** A key that is unique to these specs, under which their data is stored. */
  readonly key: string
  /** The columns that are in the index of every table. */
  readonly index: readonly Column[]
  spec(position: number): Row
}

const STRING = { kind: 'string' } as const
const SPEC_KEYS: Readonly<Record<string, Column['type']>> = {
  experiment_id: STRING,
  sort_index: { kind: 'int64' },
  workflow_run_id: STRING,
  root_workflow_run_id: STRING,
}

/**
 * Reads the table of specs that a client, or a fan above, wrote for one fan. A run's folder may
 * contain the specs of many fans, and two runs that are allocated within a second share one folder,
 * so the key is derived from the address and the specs themselves.
 */
export async function readPythonSpecs(
  uri: string,
  getObject: (uri: string) => Promise<Uint8Array>,
): Promise<PythonSpecs> {
  const bytes = await getObject(uri)
  const source = bytesSource(bytes)
  const columns: Record<string, unknown[]> = Object.create(null)
  let count = 0
  let names: readonly Column[]
  try {
    const file = await openTable(source)
    names = file.schema.columns
    count = file.rows
    for (const { name } of names) columns[name] = []
    for (let group = 0; group < file.rowGroups.length; group++) {
      const decoded = await decodeSlice(await readSlice(source, file, group))
      for (const { name } of names) for (const value of decoded[name]!) columns[name]!.push(value)
    }
  } catch (error) {
    if (error instanceof TableUnreadableError) throw new RunObjectInvalidError(uri, error.problem, { cause: error })
    throw error
  }
  const sortIndex = columns.sort_index
  if (!sortIndex) throw new RunObjectInvalidError(uri, 'it has no column sort_index')
  const order = Array.from(sortIndex, (_, row) => row)
  order.sort((a, b) => Number(sortIndex[a]) - Number(sortIndex[b]) || a - b)
  return {
    count,
    key: createHash('sha256').update(`${uri}\n`).update(bytes).digest('hex').slice(0, 32),
    index: names.filter(isIndexable).map(({ name, type }) => ({ name, type: own(SPEC_KEYS, name) ?? type })),
    spec: (position) => Object.fromEntries(names.map(({ name }) => [name, columns[name]![order[position]!]])),
  }
}

function isIndexable({ name, type: { kind } }: Column): boolean {
  return name !== 'storage_settings' && kind !== 'list' && kind !== 'struct'
}
