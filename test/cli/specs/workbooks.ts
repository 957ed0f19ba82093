import { type CellObject, CFB, type WorkBook, type WorkSheet, write } from '@e965/xlsx'

/** A cell as the library keeps it, a plain value, or none. */
export type Cell = CellObject | string | number | boolean | null

const kinds = { string: 's', number: 'n', boolean: 'b' } as const

/** Returns a sheet with these rows of cells. */
export function sheetOf(rows: readonly (readonly Cell[])[]): WorkSheet {
  const data = rows.map((row) =>
    Array.from(row, (cell) => {
      if (cell === null) return undefined as never
      return typeof cell === 'object' ? cell : ({ t: kinds[typeof cell as 'string'], v: cell } as CellObject)
    }),
  )
  const last = Math.max(...rows.map((row) => row.length), 1)
  const end = `${String.fromCharCode(...columnCodes(last))}${Math.max(rows.length, 1)}`
  return { '!data': data, '!ref': `A1:${end}` } as WorkSheet
}

function columnCodes(column: number): number[] {
  return column > 26 ? [64 + Math.floor((column - 1) / 26), 65 + ((column - 1) % 26)] : [64 + column]
}

/** Returns the bytes of a workbook with these sheets. */
export function workbook(sheets: Readonly<Record<string, WorkSheet>>, more: Partial<WorkBook> = {}): Buffer {
  return write(
    { SheetNames: Object.keys(sheets), Sheets: { ...sheets }, ...more },
    { type: 'buffer', bookType: 'xlsx', compression: true },
  )
}

/** Returns the bytes of a workbook with one sheet, Specs. */
export function tableOf(...rows: readonly (readonly Cell[])[]): Buffer {
  return workbook({ Specs: sheetOf(rows) })
}

/** Returns a workbook whose parts are these texts beside those of another. */
export function withParts(book: Buffer, parts: Readonly<Record<string, string>>): Buffer {
  const whole = CFB.read(book, { type: 'buffer' })
  for (const [name, text] of Object.entries(parts)) CFB.utils.cfb_add(whole, `/${name}`, Buffer.from(text))
  return CFB.write(whole, { type: 'buffer', fileType: 'zip', compression: true })
}

/** Returns the text of a part of a workbook. */
export function partOf(book: Buffer, name: string): string {
  return Buffer.from(CFB.find(CFB.read(book, { type: 'buffer' }), `/${name}`)!.content as Uint8Array).toString()
}
