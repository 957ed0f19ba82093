import type { WorkBook } from '@e965/xlsx'
import { SpecsUnreadableError } from '../errors.js'
import { unzip, ZipProblem } from './unzip.js'

type Library = typeof import('@e965/xlsx')

/** Largest text of a workbook, in bytes: a sheet of half a million rows of ten numbers. */
const LARGEST_TEXT = 256 * 2 ** 20
const LIMITS = { entries: 10_000, inflated: LARGEST_TEXT }

/** Parts that have no cells, or that only programs read. */
const BESIDES =
  /(^|\/)(docProps|media|drawings|charts|theme|comments|threadedComments|externalLinks|pivot\w+|customXml|printerSettings|tables|queryTables)\/|worksheets\/_rels\/|(^|\/)(comments\d*|calcChain|vmlDrawing\d*)\.\w+$/i
const IS_TEXT = /\.(xml|rels)$/i
const HAS_CELLS = /(^|\/)(worksheets\/[^/]+|sharedStrings\d*)\.xml$/i
const IS_SHEET = /(^|\/)worksheets\/[^/]+\.xml$/i
const MARKS = ['[Content_Types].xml', 'xl/workbook.xml']

/** The text of a workbook's parts, by their names. */
export type Parts = ReadonlyMap<string, Buffer>

/** Returns the parts of a workbook, which is a zip file of XML. Throws `SpecsUnreadableError`. */
export function partsOf(file: string, bytes: Buffer): Parts {
  const refuse = (problem: string, cause?: unknown) => new SpecsUnreadableError(file, problem, { cause })
  if (bytes.subarray(0, OLE.length).equals(OLE)) {
    const isEncrypted = bytes.includes(Buffer.from('EncryptedPackage', 'utf16le'))
    throw refuse(
      isEncrypted
        ? 'it is encrypted: save it without a password.'
        : 'it is a workbook of the old kind (.xls): save it as .xlsx.',
    )
  }
  if (bytes.subarray(0, 2).toString('latin1') !== 'PK') throw refuse('it is not a workbook (.xlsx).')
  let parts: Map<string, Buffer>
  try {
    parts = unzip(bytes, (name) => IS_TEXT.test(name) && !BESIDES.test(name), LIMITS)
  } catch (cause) {
    if (cause instanceof ZipProblem) throw refuse(`${cause.message}.`, cause)
    throw refuse(`it is damaged (${(cause as Error).message}).`, cause)
  }
  if (!MARKS.some((name) => parts.has(name)))
    throw refuse('it is not a workbook (.xlsx): a zip file of something else.')
  for (const [name, content] of parts) if (IS_SHEET.test(name)) parts.set(name, cellsOnly(file, name, content))
  return parts
}

const OLE = Buffer.from('d0cf11e0a1b11ae1', 'hex')

/**
 * The formula that replaces the formula of a cell whose value is a time in ISO 8601. The library
 * turns such a time into another day before March 1900.
 */
export const ISO_TIME = 'ISO'

const FORMULA = /<((?:\w+:)?)f(?:\s[^<>]*)?(?:\/>|>[^<]*<\/\1f>)/g
const TIME_CELL = /<((?:\w+:)?)c((?:\s[^<>]*?)?)\st=["']d["']([^<>/]*)>(?:<(?:\w+:)?f>0<\/(?:\w+:)?f>)?/g

/**
 * Returns a sheet without the elements behind its cells and without the texts of its formulas. A
 * link over a whole sheet makes the library fill the sheet, and of a formula only its existence
 * matters. Throws `SpecsUnreadableError` if the cells do not end.
 */
function cellsOnly(file: string, name: string, content: Buffer): Buffer {
  // Element names are ASCII, and latin1 keeps all other bytes as they are.
  const text = content.toString('latin1')
  const [begin, prefix = ''] = /<(\w+:)?sheetData[\s/>]/.exec(text) ?? []
  if (begin === undefined || /<(\w+:)?sheetData\s*\/>/.test(text)) return content
  const end = text.lastIndexOf(`</${prefix}sheetData>`)
  if (end < 0) throw new SpecsUnreadableError(file, `its part ${name} is cut off.`)
  const cells = text
    .slice(0, end)
    .replace(FORMULA, '<$1f>0</$1f>')
    .replace(TIME_CELL, `<$1c$2 t="str"$3><$1f>${ISO_TIME}</$1f>`)
  return Buffer.from(`${cells}</${prefix}sheetData></${prefix}worksheet>`, 'latin1')
}

/**
 * Loads the library that reads workbooks, an optional package. Rejects with `SpecsUnreadableError`
 * if it is not installed.
 */
export async function loadLibrary(file: string): Promise<Library> {
  try {
    return await import('@e965/xlsx')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new SpecsUnreadableError(file, 'a package is needed for workbooks: npm install @e965/xlsx', { cause })
  }
}

/** A sheet of a workbook. Sheets are in the order of their tabs. */
export interface SheetName {
  readonly name: string
  readonly isHidden: boolean
}

export function sheetNames(file: string, library: Library, parts: Parts): SheetName[] {
  const { SheetNames, Workbook } = read(
    file,
    library,
    new Map([...parts].filter(([name]) => !HAS_CELLS.test(name))),
    [],
  )
  return SheetNames.map((name, i) => ({ name, isHidden: (Workbook?.Sheets?.[i]?.Hidden ?? 0) > 0 }))
}

/** Reads one sheet. Throws `SpecsUnreadableError`. */
export function readSheet(file: string, library: Library, parts: Parts, index: number): WorkBook {
  return read(file, library, parts, index)
}

function read(file: string, { read, CFB }: Library, parts: Parts, sheets: number | number[]): WorkBook {
  try {
    // The parts are stored without compression: they were decompressed within limits, and the
    // library would decompress them without limits.
    const whole = CFB.utils.cfb_new()
    for (const [name, content] of parts) CFB.utils.cfb_add(whole, `/${name}`, content, { unsafe: true })
    const bytes = CFB.write(whole, { type: 'buffer', fileType: 'zip', compression: false })
    return read(bytes, {
      type: 'buffer',
      dense: true,
      sheets,
      cellNF: true,
      cellText: false,
      cellHTML: false,
      // Without stubs, a formula that has no value is missing.
      sheetStubs: true,
    })
  } catch (cause) {
    throw new SpecsUnreadableError(file, `it is damaged (${(cause as Error).message}).`, { cause })
  }
}
