import type { RunProgress } from '../run/progress.js'
import { formatCount, formatPlural, formatRate, formatSeconds } from './format.js'

/** A run's progress in words: `1,200 of 10,000 specs (12 %), 3 errors, 400 a second, 22 s left`. */
export function progressText({ specs, done, errors, waitingFor }: RunProgress, rate: number | undefined): string {
  const words = [`${formatCount(done)} of ${formatPlural(specs, 'spec')} (${percent(done, specs)} %)`]
  if (errors > 0) words.push(formatPlural(errors, 'error'))
  if (waitingFor) words.push(waitingText(waitingFor))
  else if (done === specs) words.push('gathering tables')
  else if (rate !== undefined) {
    words.push(`${formatRate(rate)} a second`, `${formatSeconds((specs - done) / rate)} left`)
  }
  return words.join(', ')
}

/** What a run waits for: `waiting for has_gpu`. */
export function waitingText(lacking: readonly string[]): string {
  return `waiting for ${lacking.join(' and ')}`
}

const WIDEST_BAR = 30
const NARROWEST_BAR = 8

/** The same behind a bar, on one line of a terminal that is `width` wide. */
export function progressBar(progress: RunProgress, rate: number | undefined, width: number): string {
  const text = progressText(progress, rate)
  // A line that is as wide as the terminal may wrap.
  const room = Math.min(WIDEST_BAR, width - text.length - 3)
  if (room < NARROWEST_BAR) return text.slice(0, width - 1)
  const full = Math.floor((progress.done / progress.specs) * room)
  return `${'█'.repeat(full)}${'░'.repeat(room - full)} ${text}`
}

/** 100 only when all is done. */
function percent(done: number, specs: number): number {
  return Math.floor((done / specs) * 100)
}
