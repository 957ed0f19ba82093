import { styleText } from 'node:util'
import type { RunProgress } from '../run/progress.js'
import { printable } from '../settings/printable.js'
import { formatCount } from './format.js'
import { createMeter } from './meter.js'
import { progressBar, progressText } from './progress-line.js'

/** What a command under way shows of it on stderr. */
export interface ProgressDisplay {
  /** Specs read so far, before the run starts. */
  reading(specs: number): void
  update(progress: RunProgress): void
  /** Takes back what is on the terminal's last line. */
  end(): void
}

/** A bar on a terminal, lines now and then elsewhere. */
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
  // What users' code prints goes above the bar.
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
  /** Says something every few seconds, and at every tenth of a run, but not more than once a second. */
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
