import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { log, writeLog } from '../../src/settings/log.js'

let lines: string[]

beforeEach(() => {
  lines = []
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
    lines.push(String(line))
    return true
  })
  onTestFinished(() => {
    stderr.mockRestore()
    vi.unstubAllEnvs()
  })
})

describe('the log', () => {
  it('is text by default, without fields and without secrets', () => {
    log.warn('s3://me:secret@host is away\u001b[2J', { run: 'walls/v1' })
    writeLog('debug', 'half done', { spec: 3 }, '[walls 3] debug half done')
    expect(lines).toEqual(['scythe: s3://***@host is away\\u001b[2J\n', '[walls 3] debug half done\n'])
  })

  it('is one JSON object per line if SCYTHE_LOG_FORMAT is json', () => {
    vi.stubEnv('SCYTHE_LOG_FORMAT', 'JSON')
    log.error('two\nlines of "s3://me:secret@host?token=abc"', { run: 'walls/v1', batch: '0-8', spec: 3 })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^[^\n]+\n$/)
    expect(JSON.parse(lines[0]!)).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: 'error',
      message: 'two\nlines of "s3://***@host?token=***"',
      run: 'walls/v1',
      batch: '0-8',
      spec: 3,
    })
  })

  it.each([
    ['info', ['scythe: started', 'scythe: slow', 'scythe: lost']],
    ['warn', ['scythe: slow', 'scythe: lost']],
    ['error', ['scythe: lost']],
  ])('omits levels below SCYTHE_LOG_LEVEL=%s', (level, expected) => {
    vi.stubEnv('SCYTHE_LOG_LEVEL', level)
    writeLog('debug', 'half done')
    log.info('started')
    log.warn('slow')
    log.error('lost')
    expect(lines.map((line) => line.trimEnd())).toEqual(expected)
  })
})
