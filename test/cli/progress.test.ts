import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createProgress } from '../../src/cli/progress.js'

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubEnv('TERM', 'xterm')
  vi.stubEnv('NO_COLOR', '1')
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

/** A stream like stderr, and what is written to it. */
function stderr(properties: object) {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream
  const written: string[] = []
  stream.on('data', (chunk) => written.push(String(chunk)))
  return { stream: Object.assign(stream, properties), written }
}

const CLEAR = '\r\x1b[2K'

describe('on a terminal', () => {
  it('progress is one line, drawn at most ten times a second, and removed at the end', () => {
    const { stream, written } = stderr({ isTTY: true, columns: 60 })
    const progress = createProgress(stream)
    for (let done = 1; done <= 40; done++) {
      progress.update({ specs: 100, done, errors: 0 })
      vi.advanceTimersByTime(10)
    }
    expect(written).toHaveLength(4)
    expect(written.at(-1)).toContain(`${CLEAR}███`)
    expect(written.at(-1)).toContain('░ 40 of 100 specs (40 %)')
    progress.end()
    progress.end()
    vi.advanceTimersByTime(1000)
    expect(written.slice(4)).toEqual([CLEAR])
  })

  it('other output is printed above the progress line', () => {
    const { stream, written } = stderr({ isTTY: true, columns: 40 })
    const progress = createProgress(stream)
    progress.reading(1000)
    vi.advanceTimersByTime(100)
    stream.write('from the experiment\n')
    vi.advanceTimersByTime(100)
    expect(written).toEqual([
      `${CLEAR}reading specs: 1,000`,
      CLEAR,
      'from the experiment\n',
      `${CLEAR}reading specs: 1,000`,
    ])
    progress.end()
  })
})

describe('without a terminal', () => {
  it('progress is one line every five seconds, and one at each tenth of a run of more than a second', () => {
    const { stream, written } = stderr({ isTTY: false })
    const progress = createProgress(stream)
    const at = (ms: number, done: number) => {
      vi.advanceTimersByTime(ms)
      progress.update({ specs: 1000, done, errors: 2 })
    }
    at(500, 300)
    at(500, 301)
    at(1000, 302)
    at(2000, 399)
    at(2000, 400)
    at(3000, 401)
    at(2000, 402)
    expect(written.map((line) => /^(\d+) of 1,000 specs \(\d+ %\), 2 errors.*\n$/.exec(line)?.[1])).toEqual([
      '301',
      '400',
      '402',
    ])
  })

  it('progress reports once and at once what the run waits for', () => {
    const { stream, written } = stderr({ isTTY: false })
    const progress = createProgress(stream)
    const none = { specs: 10, done: 0, errors: 0 }
    progress.update({ ...none, waitingFor: ['has_gpu'] })
    vi.advanceTimersByTime(2000)
    progress.update({ ...none, waitingFor: ['has_gpu'] })
    progress.update(none)
    expect(written).toEqual(['0 of 10 specs (0 %), waiting for has_gpu\n', '0 of 10 specs (0 %)\n'])
  })
})
