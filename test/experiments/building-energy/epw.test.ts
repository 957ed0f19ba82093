import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EpwError, parseEpw, readEpw } from '../../../experiments/building-energy/epw.js'
import { weatherFile } from './weather.js'

const DENVER = readFileSync(weatherFile('Denver'), 'latin1')

/** Denver's file with one cell changed; lines and cells from 1 and 0, as in the format's description. */
function withCell(line: number, cell: number, value: string): string {
  const lines = DENVER.split('\n')
  const cells = lines[line - 1]!.split(',')
  cells[cell] = value
  lines[line - 1] = cells.join(',')
  return lines.join('\n')
}

describe('parseEpw', () => {
  it('reads place, weekday and hours', () => {
    const weather = parseEpw(DENVER, 'denver.epw')
    expect(weather.location).toEqual({
      city: 'Denver Intl Ap',
      latitude: 39.83,
      longitude: -104.65,
      timeZone: -7,
      elevation: 1650,
    })
    expect(weather.firstWeekday).toBe(6)
    expect(weather.dryBulb).toHaveLength(8760)
    expect(weather.dryBulb[0]).toBe(-18)
    expect([weather.month[8759], weather.day[8759], weather.hour[8759]]).toEqual([12, 31, 24])
    const sunOfYear = weather.globalHorizontal.reduce((a, b) => a + b) / 1000
    expect(sunOfYear).toBeCloseTo(1670.22, 2)
  })

  it('takes Windows line ends', () => {
    expect(parseEpw(DENVER.replaceAll('\r', '').replaceAll('\n', '\r\n'), 'x').dryBulb[8759]).toBe(
      parseEpw(DENVER, 'x').dryBulb[8759],
    )
  })

  it.each([
    [withCell(100, 6, 'warm'), 100, 'dry bulb temperature', 'Expected a number from -70 to 70, got warm.'],
    [withCell(9, 14, '9999'), 9, 'direct normal radiation', 'got 9999.'],
    [withCell(8768, 9, ''), 8768, 'atmospheric pressure', 'Expected a number from 31000 to 120000, got .'],
    [withCell(1, 6, '139.8'), 1, 'latitude', 'Expected a number from -90 to 90, got 139.8.'],
    [withCell(8, 2, '4'), 8, 'records an hour', 'Expected 1, got 4.'],
    [withCell(8, 4, 'Sonntag'), 8, 'first weekday', 'Expected a weekday in English, got Sonntag.'],
    [DENVER.slice(0, DENVER.length / 2), expect.any(Number), 'hours', 'Expected 8760 hours after 8 header lines, got'],
    ['<html>Not found</html>', 1, 'LOCATION', 'Expected an EPW file to begin with LOCATION.'],
    ['', 1, 'LOCATION', 'Expected an EPW file to begin with LOCATION.'],
  ])('names the file, the line and the field of what it cannot read (%#)', (text, line, field, problem) => {
    const error = catchError(() => parseEpw(text, 'year.epw'))
    expect(error).toBeInstanceOf(EpwError)
    expect(error).toMatchObject({ file: 'year.epw', line, field })
    expect(error.message).toContain(problem)
    expect(error.message).toContain(`year.epw, line ${error.line}, ${error.field}: `)
  })
})

describe('readEpw', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'epw-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('reads a file once, and again when it has changed', () => {
    const file = join(folder, 'year.epw')
    copyFileSync(weatherFile('Denver'), file)
    const first = readEpw(file)
    expect(readEpw(file)).toBe(first)
    writeFileSync(file, `${withCell(9, 6, '-18.25')}\n`)
    expect(readEpw(file).dryBulb[0]).toBe(-18.25)
  })
})

function catchError(run: () => unknown): EpwError {
  try {
    run()
  } catch (error) {
    return error as EpwError
  }
  throw new Error('nothing was thrown')
}
