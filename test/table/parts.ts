import type { TableSchema } from '../../src/table/schema.js'
import { encodeTable } from '../../src/table/writer.js'
import { dataOf } from './arbitraries.js'

/** The columns of the parts that are assembled in the tests; `write_tables.py` writes the same. */
export const partSchema: TableSchema = {
  columns: [
    { name: 'sort_index', type: { kind: 'int64' } },
    { name: 'run', type: { kind: 'string' } },
    { name: 'note', type: { kind: 'string' } },
    { name: 'x', type: { kind: 'double' } },
    { name: 'flag', type: { kind: 'boolean' } },
    { name: 'day', type: { kind: 'date' } },
    { name: 'meta', type: { kind: 'json' } },
    { name: 'tags', type: { kind: 'list', item: { kind: 'string' } } },
  ],
  index: ['run', 'sort_index'],
}

/** The rows of the part of this name: a name's length is the first `sort_index`. */
export function partRows(name: string, rows: number): Record<string, unknown>[] {
  return Array.from({ length: rows }, (_, row) => {
    const i = name.length + row
    const unless = (by: number, value: unknown) => (i % by === 0 ? null : value)
    return {
      sort_index: i,
      run: `runs/${name}`,
      note: unless(3, `note ${i}`),
      x: unless(5, i / 8),
      flag: unless(7, i % 2 === 0),
      day: unless(4, `2024-01-${String(1 + (i % 31)).padStart(2, '0')}`),
      meta: unless(6, { i: [i] }),
      tags: unless(9, ['t0', 't1', 't2'].slice(0, i % 4)),
    }
  })
}

export function encodePart(name: string, rows: number): Uint8Array {
  return encodeTable(partSchema, dataOf({ schema: partSchema, rows: partRows(name, rows) }), rows)
}
