import fc from 'fast-check'
import { ByteWriter, parquetWriteBuffer } from 'hyparquet-writer'
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js'
import { describe, expect, it } from 'vitest'
import { readRows } from '../../src/table/rows.js'
import { checkLevels } from '../../src/table/run-lengths.js'
import { bytesSource } from '../../src/table/source.js'
import { collect } from '../support/collect.js'

const ROWS = 200

describe('run lengths in pages of other writers', () => {
  it('are decoded as other writers encode them', () => {
    const levels = fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(levels, fc.integer({ min: 3, max: 8 }), (values, width) => {
        const writer = new ByteWriter()
        writeRleBitPackedHybrid(writer, values, width)
        checkLevels(writer.getBytes(), width, values.length)
      }),
    )
  })

  it('end in bounded time for any bytes', () => {
    const width = fc.integer({ min: 0, max: 40 })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), width, fc.integer({ min: 0, max: 1e6 }), (bytes, bits, values) => {
        try {
          checkLevels(bytes, bits, values)
        } catch (error) {
          expect((error as Error).message).toMatch(/^a page (has|says)/)
        }
      }),
    )
  })

  it('are decoded if a dictionary page has fewer values than rows because of nulls', async () => {
    const data = Array.from({ length: 2 * ROWS }, (_, i) => (i % 3 === 0 ? null : `town ${i % 9}`))
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'n', data, type: 'STRING' }] }))
    const rows = await collect(readRows(bytesSource(bytes)))
    expect(rows.map(({ n }) => n)).toEqual(data)
  })

  // Each is one run of 200 values as the writer wrote it, and as one of 8,191.
  const LONG = [0xfe, 0x7f]
  it.each([
    ['of nulls', { name: 'n', data: new Array(ROWS).fill(null), type: 'INT32' as const }, [0x90, 0x03, 0x00]],
    ['of values', { name: 'n', data: sometimesNull(), type: 'INT32' as const }, [0x8e, 0x03, 0x01]],
    ['of a dictionary', { name: 'n', data: oneAndOther(), type: 'STRING' as const }, [0x8e, 0x03, 0x00]],
  ])('are rejected if a run %s is longer than its page', async (_, column, run) => {
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData: [column], codec: 'UNCOMPRESSED' }))
    expect(await collect(readRows(bytesSource(bytes)))).toHaveLength(ROWS)

    const at = Buffer.from(bytes).indexOf(Buffer.from(run))
    expect(at).toBeGreaterThan(0)
    bytes.set(LONG, at)
    await expect(collect(readRows(bytesSource(bytes)))).rejects.toMatchObject({ code: 'TABLE_UNREADABLE' })
  })
})

function sometimesNull(): (number | null)[] {
  return Array.from({ length: ROWS }, (_, i) => (i === ROWS - 1 ? null : i))
}

function oneAndOther(): string[] {
  return Array.from({ length: ROWS }, (_, i) => (i === ROWS - 1 ? 'other' : 'one'))
}
