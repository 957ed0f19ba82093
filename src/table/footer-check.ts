import { crc32 } from 'node:zlib'
import { TableUnreadableError } from './errors.js'

/** The mark in front of the checksum. */
const MARK = Buffer.from('SCYTHECR')

/** The number of bytes that the mark and the checksum take, in front of the footer. */
export const FOOTER_CHECK_BYTES = MARK.length + 4

/**
 * Returns the mark and the checksum of a footer. Parquet has no such checksum, but the bytes
 * between the last page and the footer are free for the writer. The checksum is stored there, and
 * readers that do not know it skip it.
 */
export function footerCheck(footer: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(FOOTER_CHECK_BYTES)
  MARK.copy(bytes)
  bytes.writeUInt32LE(crc32(footer), MARK.length)
  return bytes
}

/**
 * Checks a footer against the bytes in front of it. Throws `TableUnreadableError` if they are the
 * checksum of another footer.
 */
export function checkFooter(before: Uint8Array, footer: Uint8Array): void {
  const check = Buffer.from(before.buffer, before.byteOffset, before.length)
  if (!check.subarray(0, MARK.length).equals(MARK)) return
  if (check.readUInt32LE(MARK.length) !== crc32(footer))
    throw new TableUnreadableError('its footer is damaged (its bytes do not fit their checksum)')
}
