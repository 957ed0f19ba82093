import type { ColumnData, TableSchema } from './schema.js'

/** Rows that wait to be encoded together. */
interface RowBuffer {
  readonly rows: number
  append(data: ColumnData, from: number, to: number): void
  /** Returns the rows and empties the buffer. */
  take(): { readonly data: ColumnData; readonly rows: number }
}

export function createRowBuffer({ columns }: TableSchema): RowBuffer {
  const empty = () => columns.map((): unknown[] => [])
  let values = empty()
  let rows = 0
  return {
    get rows() {
      return rows
    },
    append(data, from, to) {
      columns.forEach(({ name }, i) => {
        const source = data[name]!
        for (let row = from; row < to; row++) values[i]!.push(source[row])
      })
      rows += to - from
    },
    take() {
      const taken = { data: Object.fromEntries(columns.map(({ name }, i) => [name, values[i]!])), rows }
      values = empty()
      rows = 0
      return taken
    },
  }
}
