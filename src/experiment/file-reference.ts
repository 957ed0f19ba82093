import { z } from 'zod'
import { localPathOf, schemeOf } from '../store/address.js'
import { fetchedSchemes, objectAt } from '../store/backends.js'
import { partsOf, type Schema, unwrap } from './schema.js'

/**
 * A keyword in the schema's metadata. It survives checks and descriptions, and other copies of the
 * package can read it, too.
 */
const KEYWORD = 'x-scythe'

/**
 * Declares a field that is a file: the path of a local one, or an `s3://`, `http(s)://` or
 * `file://` address.
 *
 * In an input, local files are uploaded once when a run is allocated, and the function receives a
 * local path. In an output, the function returns the path of a file that it wrote; the file is
 * stored with the run, and the table holds its address. The field may be optional or nullable. It
 * cannot be part of an object, a list or the rows of a table.
 *
 * @example
 * ```ts
 * const input = z.object({ weather: fileReference(), rValue: z.number() })
 * const output = z.object({ load: z.number(), report: fileReference().optional() })
 * ```
 */
export function fileReference() {
  return z
    .string()
    .min(1, 'Expected the path or address of a file, got an empty text')
    .refine(isFileAddress, { error: ({ input }) => expectedOf(String(input)) })
    .meta({ [KEYWORD]: 'file' })
}

/**
 * Returns whether a field is a file. The file reference may be wrapped by `optional`, `nullable` or
 * `default`, or be at the end of a pipe.
 */
export function isFileReference(schema: Schema): boolean {
  if ('meta' in schema && typeof schema.meta === 'function' && schema.meta()?.[KEYWORD] === 'file') return true
  const inner = unwrap(schema)
  return inner !== undefined && isFileReference(inner)
}

/**
 * Returns the path of a file reference within a field that is not a file reference itself. Returns
 * `undefined` if there is none.
 */
export function fileReferenceWithin(schema: Schema, path: string, seen = new Set<Schema>()): string | undefined {
  if (seen.has(schema)) return undefined
  seen.add(schema)
  for (const [step, part] of partsOf(schema)) {
    const found = isFileReference(part) ? path + step : fileReferenceWithin(part, path + step, seen)
    if (found !== undefined) return found
  }
  return undefined
}

function expectedOf(text: string): string {
  return schemeOf(text) === 'file'
    ? 'Expected the URL of a file on this machine, as file:///data/a%20b.epw with %23 for # and %25 for %; a path needs no escaping'
    : `Expected the path of a local file, or an ${fetchedSchemes().join(', ')} or file:// address`
}

function isFileAddress(text: string): boolean {
  return localPathOf(text) !== undefined || objectAt(text) !== undefined || /^https?:\/\/[^/].*$/i.test(text)
}
