import { styleText } from 'node:util'
import type { RunProgress } from '../run/progress.js'
import { printable } from '../settings/printable.js'
import { formatCount, formatPlural, formatRate, formatSeconds } from './format.js'

/** The progress of a running command, shown on stderr. */
export interface ProgressDisplay {
  /** Shows the number of specs read so far, before the run starts. */
  reading(specs: number): void
  update(progress: RunProgress): void
  /** Clears the last line of the terminal. */
  end(): void
}

/** Returns a bar on a terminal, and occasional lines elsewhere. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): ProgressDisplay {
  return stream.isTTY && process.env.TERM !== 'dumb' ? bar(stream) : lines(stream)
}

const REDRAW_MS = 100
const CLEAR_LINE = '\r\x1b[2K'

function bar(stream: NodeJS.WriteStream): ProgressDisplay {
  const meter = createMeter()
  let line = ''
  let shown = ''
  const write = stream.write
  const timer = setInterval(draw, REDRAW_MS)
  timer.unref()

  function draw() {
    if (line === shown) return
    write.call(stream, CLEAR_LINE + line)
    shown = line
  }
  // Output of user code goes above the bar.
  stream.write = ((...args: Parameters<typeof write>) => {
    if (shown !== '') write.call(stream, CLEAR_LINE)
    shown = ''
    return write.apply(stream, args)
  }) as typeof write
  return {
    reading(specs) {
      line = `reading specs: ${formatCount(specs)}`
    },
    update(progress) {
      meter.note(progress.done, Date.now())
      line = inColour(printable(progressBar(progress, meter.rate(), stream.columns || 80)), progress.errors)
    },
    end() {
      clearInterval(timer)
      stream.write = write
      if (shown !== '') stream.write(CLEAR_LINE)
      shown = ''
    },
  }
}

function inColour(line: string, errors: number): string {
  if (errors === 0 || process.env.NO_COLOR) return line
  return line.replace(/[\d,]+ errors?/, (words) => styleText('red', words))
}

const LINE_MS = 5_000
const STEPS = 10

function lines(stream: NodeJS.WriteStream): ProgressDisplay {
  const meter = createMeter()
  let lastTime = Date.now()
  let lastStep = 0
  let lastWaiting = ''
  /** Writes a line every few seconds and at every tenth of a run, but at most once a second. */
  function say(text: () => string, step = 0, atOnce = false) {
    const waited = Date.now() - lastTime
    if (!atOnce && waited < LINE_MS && (step === lastStep || waited < LINE_MS / 5)) return
    lastTime = Date.now()
    lastStep = step
    stream.write(`${printable(text())}\n`)
  }
  return {
    reading(specs) {
      say(() => `reading specs: ${formatCount(specs)}`)
    },
    update(progress) {
      meter.note(progress.done, Date.now())
      const waiting = String(progress.waitingFor ?? '')
      const step = Math.floor((progress.done / progress.specs) * STEPS)
      say(() => progressText(progress, meter.rate()), step, waiting !== lastWaiting)
      lastWaiting = waiting
    },
    end() {},
  }
}

/**
 * Measures how many specs are done per second. Only the last seconds count, since the first specs
 * of a run tell little about later ones.
 */
export interface Meter {
  /** Records the number of specs that are done at a time in ms. */
  note(done: number, time: number): void
  /** Returns the specs per second, or `undefined` if they cannot be told yet. */
  rate(): number | undefined
}

const WINDOW_MS = 15_000

export function createMeter(): Meter {
  const samples: { done: number; time: number }[] = []
  return {
    note(done, time) {
      samples.push({ done, time })
      while (samples.length > 2 && samples[1]!.time < time - WINDOW_MS) samples.shift()
    },
    rate() {
      const [first] = samples
      const last = samples.at(-1)
      if (!first || !last || last.done === first.done || last.time === first.time) return undefined
      return ((last.done - first.done) * 1000) / (last.time - first.time)
    },
  }
}

/** Formats a run's progress: `1,200 of 10,000 specs (12 %), 3 errors, 400 a second, 22 s left`. */
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

/** Formats the reasons why a run waits: `waiting for has_gpu`. */
export function waitingText(lacking: readonly string[]): string {
  return `waiting for ${lacking.join(' and ')}`
}

const WIDEST_BAR = 30
const NARROWEST_BAR = 8

/** Formats a run's progress behind a bar, on one line of a terminal that is `width` wide. */
export function progressBar(progress: RunProgress, rate: number | undefined, width: number): string {
  const text = progressText(progress, rate)
  // A line as wide as the terminal may wrap.
  const room = Math.min(WIDEST_BAR, width - text.length - 3)
  if (room < NARROWEST_BAR) return text.slice(0, width - 1)
  const full = Math.floor((progress.done / progress.specs) * room)
  return `${'█'.repeat(full)}${'░'.repeat(room - full)} ${text}`
}

/** Returns a percentage, which is 100 only if all is done. */
function percent(done: number, specs: number): number {
  return Math.floor((done / specs) * 100)
}
