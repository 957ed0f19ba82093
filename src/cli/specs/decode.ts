import { isUtf8 } from 'node:buffer'
import { SpecsUnreadableError, UsageError } from '../errors.js'

/**
 * Decodes a file's text as it comes, without its byte order mark, which takes precedence over
 * `encoding` (default: UTF-8). Rejects bytes that are not text; `line` returns the number of the
 * line that follows the text yielded so far. Throws `SpecsUnreadableError`.
 */
export async function* decodeText(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  line: () => number,
  encoding?: string,
): AsyncGenerator<string> {
  let decode: Decode | undefined
  let start: Uint8Array = Buffer.alloc(0)
  const begin = (bytes: Uint8Array, isWhole: boolean) => {
    start = start.length > 0 ? Buffer.concat([start, bytes]) : bytes
    if (start.length < LONGEST_MARK && !isWhole) return []
    const mark = MARKS.find(({ bytes }) => bytes.every((byte, i) => start[i] === byte))
    decode = decoderOf(mark?.encoding ?? encoding ?? 'utf-8', file, line)
    return decode(start.subarray(mark?.bytes.length ?? 0), isWhole)
  }
  for await (const chunk of chunks) yield* decode ? decode(chunk, false) : begin(chunk, false)
  yield* decode ? decode(Buffer.alloc(0), true) : begin(Buffer.alloc(0), true)
}

/** Throws `UsageError` unless an encoding has this name. */
export function checkEncoding(encoding: string | undefined): void {
  if (encoding === undefined) return
  try {
    new TextDecoder(encoding)
  } catch {
    const known = 'utf-8, utf-16le, utf-16be, windows-1252, iso-8859-2, macintosh, gb18030 or shift_jis'
    throw new UsageError(`Expected --encoding to be the name of an encoding such as ${known}, got ${encoding}.`)
  }
}

const MARKS = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
] as const
const LONGEST_MARK = 3

type Decode = (bytes: Uint8Array, isLast: boolean) => Iterable<string>

function decoderOf(encoding: string, file: string, line: () => number): Decode {
  const refuse = (problem: string) => new SpecsUnreadableError(file, `line ${line()} ${problem}`)
  const { encoding: name } = new TextDecoder(encoding)
  return name === 'utf-8' ? utf8Decoder(refuse) : otherDecoder(name, refuse)
}

type Refuse = (problem: string) => SpecsUnreadableError

function utf8Decoder(refuse: Refuse): Decode {
  let rest: Uint8Array = Buffer.alloc(0)
  return function* (chunk, isLast) {
    const bytes =
      rest.length > 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    const end = isLast ? bytes.length : wholeCharacters(bytes)
    rest = bytes.subarray(end)
    const whole = bytes.subarray(0, end)
    if (whole.length === 0) return
    if (isUtf8(whole)) return yield whole.toString()
    const bad = badLine(whole)
    if (bad > 0) yield whole.toString('utf8', 0, bad)
    throw refuse(
      `is not in UTF-8 (about its byte 0x${badByte(whole.subarray(bad)).toString(16)}). Save the file as UTF-8 (Excel: "CSV UTF-8", a shell: iconv), ` +
        'or name its encoding, as --encoding windows-1252.',
    )
  }
}

/** The character that a decoder writes for bytes that are not text. */
const REPLACEMENT = '\uFFFD'
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT)

function otherDecoder(name: string, refuse: Refuse): Decode {
  const decoder = new TextDecoder(name)
  const mend = name === 'windows-1252' ? withPunctuation : (text: string) => text
  return function* (chunk, isLast) {
    const text = mend(decoder.decode(chunk, { stream: !isLast }))
    const bad = text.indexOf(REPLACEMENT)
    if (bad < 0) return yield text
    yield text.slice(0, bad).replace(/[^\r\n]*$/, '')
    throw refuse(`is not in ${name}. Name the file's encoding by --encoding, or save it as UTF-8.`)
  }
}

/**
 * The characters of windows-1252 from 0x80 on, with spaces for unassigned bytes: some versions of
 * Node do not decode them.
 */
const PUNCTUATION = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ'

function withPunctuation(text: string): string {
  return text.replace(/[\x80-\x9f]/g, (char) => PUNCTUATION[char.charCodeAt(0) - 0x80]!.replace(' ', char))
}

/**
 * Returns the number of bytes that are whole characters. The rest may continue in the next bytes.
 */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return length > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** Returns the first byte that is not UTF-8. */
function badByte(bytes: Buffer): number {
  const text = bytes.toString()
  for (let at = text.indexOf(REPLACEMENT); at >= 0; at = text.indexOf(REPLACEMENT, at + 1)) {
    const offset = Buffer.byteLength(text.slice(0, at))
    // The text may contain the replacement character itself.
    if (!bytes.subarray(offset, offset + 3).equals(REPLACEMENT_BYTES)) return bytes[offset]!
  }
  return 0
}

/** Returns the start of the first line that is not UTF-8. */
function badLine(bytes: Buffer): number {
  let start = 0
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 10 && bytes[i] !== 13) continue
    if (!isUtf8(bytes.subarray(start, i))) return start
    start = i + 1
  }
  return start
}
