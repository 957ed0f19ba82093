import { z } from 'zod'
import { type Extra, rowConverter } from '../../experiment/convert.js'
import type { Experiment } from '../../experiment/experiment.js'
import { SpecsMissingError } from '../../run/errors.js'
import { type PlacedSpecs, placed } from '../../run/spec-place.js'
import { SpecsUnreadableError, UsageError } from '../errors.js'
import { checkEncoding } from './decode.js'
import { type FormatOptions, formatOf } from './formats.js'
import type { OpenTable } from './rows.js'
import { expandAddress, openSources, STDIN } from './source.js'

export interface SpecsOptions {
  readonly delimiter?: string | undefined
  readonly encoding?: string | undefined
  /** The sheet of workbooks: a name, or a number from 1. */
  readonly sheet?: string | undefined
  /** The treatment of columns that the input does not name. Default: `refuse`. */
  readonly extra?: Extra | undefined
}

/**
 * Opens the specs in files, in patterns of files, at addresses, or in stdin (`-`), in this order.
 * The first one is opened at once. Rejects if the kind of any file is unknown. A file that cannot
 * be read throws when it is reached.
 */
export async function openSpecs(
  given: readonly string[],
  experiment: Experiment,
  { delimiter, encoding, sheet, extra }: SpecsOptions = {},
): Promise<PlacedSpecs> {
  checkEncoding(encoding)
  const addresses = (await Promise.all(given.map(expandAddress))).flat()
  if (addresses.filter((address) => address === STDIN).length > 1)
    throw new UsageError('--specs - is given twice, and stdin can be read only once.')
  const formats = addresses.map((address) => formatOf(address, sheet))
  const shape = Object.entries(experiment.input.shape)
  const fields = new Set(shape.map(([name]) => name))
  const emptyTexts = new Set(shape.filter(([, schema]) => z.safeParse(schema, '').success).map(([name]) => name))
  const options: FormatOptions = { delimiter: delimiterOf(delimiter), encoding, sheet, fields, emptyTexts }
  const sources = openSources()
  const open = (index: number) =>
    formats[index]!(addresses[index]!, sources, options).catch((error) => {
      throw unreadable(addresses[index]!, error)
    })
  const first = await open(0).catch(async (error) => {
    await sources.close()
    throw error
  })
  let place = () => ''
  let reached = 0

  async function* rows() {
    let rowsInAll = 0
    try {
      for (let file = 0; file < addresses.length; file++) {
        reached = file
        const table = file === 0 ? first : await open(file)
        const convert = rowConverter(experiment, table.encoding, { extra, decimalComma: table.decimalComma })
        const inFile = addresses.length > 1 ? ` of ${addresses[file]}` : ''
        let before = 0
        for await (const batch of table.batches) {
          let i = 0
          place = () => `${placeText(table, batch.places[i]!, before + i)}${inFile}`
          for (; i < batch.rows.length; i++) yield convert(batch.rows[i]!)
          before += batch.rows.length
        }
        rowsInAll += before
      }
      if (rowsInAll === 0) throw new SpecsMissingError(experiment.name, addresses)
    } catch (error) {
      throw unreadable(addresses[reached]!, error)
    } finally {
      await sources.close()
    }
  }
  return placed(rows(), () => place())
}

function placeText({ unit, sheet }: OpenTable, place: number, index: number): string {
  if (unit === 'item') return `item ${index + 1} (line ${place})`
  return sheet === undefined ? `${unit} ${place}` : `${unit} ${place} of sheet ${sheet}`
}

const NAMED: Readonly<Record<string, string>> = { tab: '\t', '\\t': '\t', comma: ',', semicolon: ';', space: ' ' }

function delimiterOf(delimiter: string | undefined): string | undefined {
  if (delimiter === undefined) return undefined
  const char = NAMED[delimiter] ?? delimiter
  if (char.length === 1 && !/["\r\n]/.test(char)) return char
  throw new UsageError(`Expected --delimiter to be one character, as ';', or tab, got ${delimiter}.`)
}

/**
 * Returns an error that names the file. Errors of the system, a server or a library do not always
 * do so.
 */
function unreadable(file: string, error: unknown): unknown {
  if ([SpecsUnreadableError, UsageError, SpecsMissingError].some((known) => error instanceof known)) return error
  return new SpecsUnreadableError(file, reasonOf(error as NodeJS.ErrnoException), { cause: error })
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file.'
  if (code === 'EISDIR') return 'it is a folder.'
  return message
}
