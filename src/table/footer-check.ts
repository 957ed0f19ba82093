import { crc32 } from 'node:zlib'
import { TableUnreadableError } from './errors.js'

/** What stands before the checksum. */
const MARK = Buffer.from('SCYTHECR')

/** How many bytes the checksum of a footer takes, in front of it. */
export const FOOTER_CHECK_BYTES = MARK.length + 4

/**
 * The checksum of a footer. Parquet has none, but what lies between the last page and the footer is the writer's own: so it stands
 * there, and readers that know nothing of it pass it over.
 */
export function footerCheck(footer: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(FOOTER_CHECK_BYTES)
  MARK.copy(bytes)
  bytes.writeUInt32LE(crc32(footer), MARK.length)
  return bytes
}

/** Checks a footer against what stands in front of it. Throws `TableUnreadableError` where that is another footer's checksum. */
export function checkFooter(before: Uint8Array, footer: Uint8Array): void {
  const check = Buffer.from(before.buffer, before.byteOffset, before.length)
  if (!check.subarray(0, MARK.length).equals(MARK)) return
  if (check.readUInt32LE(MARK.length) !== crc32(footer))
    throw new TableUnreadableError('its footer is damaged (its bytes do not fit their checksum)')
}
