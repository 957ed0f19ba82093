import type { ColumnType, TableSchema } from '../table/schema.js'
import { keyText } from './code-text.js'

/** The rows of a table, without what says to which spec they belong. A column may always be null. */
export function rowText({ columns }: TableSchema, others: readonly string[]): string {
  const own = columns.filter(({ name }) => !others.includes(name))
  const fields = own.map(({ name, type }) => `${keyText(name)}: ${columnText(type)}.nullish()`)
  return `z.object({ ${fields.join(', ')} })`
}

function columnText(type: ColumnType): string {
  switch (type.kind) {
    case 'int64':
      return type.bigint ? 'z.int64()' : 'z.int()'
    case 'double':
      return 'z.number()'
    case 'date':
      return 'z.iso.date()'
    case 'timestamp':
      return 'z.date()'
    case 'json':
      return 'z.unknown()'
    case 'list':
      return `z.array(${columnText(type.item)}.nullable())`
    case 'struct':
      return rowText({ columns: type.fields, index: [] }, [])
    case 'string':
      return 'z.string()'
    case 'boolean':
      return 'z.boolean()'
  }
}
