import { describe, expect, it } from 'vitest'
import { ZstdUnpacker } from '../../src/table/zstd.js'
import { ZstdFrames } from '../../src/table/zstd-frames.js'
import { rawZstd, sameZstd } from '../../tools/fuzz/zstd.js'

/** A frame that says how much memory it needs, and has nothing in it. */
function frame(descriptor: number): Uint8Array {
  return Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, descriptor, 1, 0, 0)
}

describe('zstd that is unpacked', () => {
  it.each([
    ['a window of two gigabytes', frame(0xa8)],
    ['one behind a frame that is fine', Buffer.concat([rawZstd(Buffer.from('n\n1\n')), frame(0xa8)])],
    [
      'one behind a part that is passed over',
      Buffer.concat([Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7), frame(0xa8)]),
    ],
    ['a single piece of two gigabytes', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x7f, 1, 0, 0)],
  ])('may not ask for %s, in whatever pieces it comes', (_what, bytes) => {
    const before = process.memoryUsage.rss()
    expect(() => new ZstdUnpacker().push(bytes).next()).toThrow('its zstd needs more than 128 MB of memory.')
    const frames = new ZstdFrames()
    expect(() => {
      for (const byte of bytes) frames.push(Uint8Array.of(byte))
    }).toThrow('its zstd needs more than 128 MB of memory.')
    expect(process.memoryUsage.rss() - before).toBeLessThan(500 * 2 ** 20)
  })

  it('may be of many frames, of any kinds of blocks', () => {
    const frames = [rawZstd(Buffer.from('n\n')), sameZstd(0x31, 1000), frame(0x50), rawZstd(Buffer.from('\n2\n'))]
    const unpacker = new ZstdUnpacker()
    const text = Buffer.concat([...unpacker.push(Buffer.concat(frames)), ...unpacker.end()]).toString()
    expect(text).toBe(`n\n${'1'.repeat(1000)}\n2\n`)
  })
})
