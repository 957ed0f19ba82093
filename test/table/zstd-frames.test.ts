import { describe, expect, it } from 'vitest'
import { ZstdUnpacker } from '../../src/table/zstd.js'
import { ZstdFrames } from '../../src/table/zstd-frames.js'
import { rawZstd, sameZstd } from '../../tools/fuzz/zstd.js'

/** A frame that says how much memory it needs, and has nothing in it. */
function frame(descriptor: number): Uint8Array {
  return Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, descriptor, 1, 0, 0)
}

describe('zstd decompression', () => {
  it.each([
    ['a window of two gigabytes', frame(0xa8)],
    ['a window of two gigabytes after a valid frame', Buffer.concat([rawZstd(Buffer.from('n\n1\n')), frame(0xa8)])],
    [
      'a window of two gigabytes after a skippable frame',
      Buffer.concat([Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7), frame(0xa8)]),
    ],
    ['a single segment of two gigabytes', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x7f, 1, 0, 0)],
  ])('rejects %s, however the bytes are split', (_what, bytes) => {
    const before = process.memoryUsage.rss()
    expect(() => new ZstdUnpacker().push(bytes).next()).toThrow('its zstd needs more than 128 MB of memory.')
    const frames = new ZstdFrames()
    expect(() => {
      for (const byte of bytes) frames.push(Uint8Array.of(byte))
    }).toThrow('its zstd needs more than 128 MB of memory.')
    expect(process.memoryUsage.rss() - before).toBeLessThan(500 * 2 ** 20)
  })

  it.each([
    [
      'thousands of frames with windows of 128 MB and two bytes each',
      [0, 0x88, 0x11, 0, 0, 0x6e, 0x0a],
      'far more memory',
    ],
    ['a frame that claims 33 MB and holds two bytes', [0xa0, 0, 0, 2, 2, 0x11, 0, 0, 0x6e, 0x0a], 'damaged'],
  ])('rejects the data before it unpacks it if it is %s', (_what, bytes, words) => {
    const one = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, ...bytes)
    const many = Buffer.concat(Array.from({ length: 5_000 }, () => one))
    const before = process.memoryUsage.rss()
    expect(() => new ZstdUnpacker().push(many).next()).toThrow(words)
    expect(process.memoryUsage.rss() - before).toBeLessThan(50 * 2 ** 20)
  })

  it('allocates the windows of its frames one after another', () => {
    const one = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x70, 0x11, 0, 0, 0x6e, 0x0a)
    const unpacker = new ZstdUnpacker()
    const before = process.memoryUsage.rss()
    const text = Buffer.concat([
      ...unpacker.push(Buffer.concat(Array.from({ length: 200 }, () => one))),
      ...unpacker.end(),
    ])
    expect(text.toString()).toBe('n\n'.repeat(200))
    expect(process.memoryUsage.rss() - before).toBeLessThan(500 * 2 ** 20)
  })

  it('decodes many frames with every kind of block', () => {
    const frames = [rawZstd(Buffer.from('n\n')), sameZstd(0x31, 1000), frame(0x50), rawZstd(Buffer.from('\n2\n'))]
    const unpacker = new ZstdUnpacker()
    const text = Buffer.concat([...unpacker.push(Buffer.concat(frames)), ...unpacker.end()]).toString()
    expect(text).toBe(`n\n${'1'.repeat(1000)}\n2\n`)
  })
})
