import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs'

/**
 * What a process is at, in a small file that it writes before each try. Writing costs half a microsecond and no message, and
 * what was written last is there however the process ends.
 */
export interface Status {
  /** The current spec, -1 where there is none. */
  readonly sortIndex: number
  readonly attempt: number
  /** `monotonicNow()` when the current try began; 0 between tries. */
  readonly startedAt: number
  /** Error rows since the process took the batch. */
  readonly errors: number
  /** Resident bytes when the watchdog ended the process for having more than `memoryLimit`; else 0. */
  readonly memoryUsed: number
  readonly memoryLimit: number
}

export interface StatusWriter {
  /** The open file, for the watchdog. */
  readonly fd: number
  /** Gives the time of the start, on the clock of `monotonicNow()`. */
  trying(sortIndex: number, attempt: number): number
  /** Before a try, for something else than the function: no time limit runs. */
  waiting(sortIndex: number, attempt: number): void
  /** The same after one. */
  pausing(): void
  /** Between two batches. */
  idle(): void
  failed(): void
}

export interface StatusReader {
  read(): Status
  close(): void
}

const FIELDS = 6
/** The first four are the process's own, in one write; its watchdog, another thread, writes the last two. */
const OWN_BYTES = 32
export const WATCHDOG_OFFSET = OWN_BYTES

/** Milliseconds on a clock that all processes of the machine share and nobody sets. */
export function monotonicNow(): number {
  return clockOffset + performance.now()
}
const clockOffset = Number(process.hrtime.bigint()) / 1e6 - performance.now()

export function createStatusFile(path: string): StatusReader {
  writeFileSync(path, new Uint8Array(Float64Array.of(-1, 0, 0, 0, 0, 0).buffer))
  const fd = openSync(path, 'r')
  const values = new Float64Array(FIELDS)
  return {
    read() {
      readSync(fd, values, 0, values.byteLength, 0)
      const [sortIndex, attempt, startedAt, errors, memoryUsed, memoryLimit] = values as unknown as number[] & {
        length: 6
      }
      return { sortIndex, attempt, startedAt, errors, memoryUsed, memoryLimit } as Status
    },
    close: () => closeSync(fd),
  }
}

export function openStatusFile(path: string): StatusWriter {
  const fd = openSync(path, 'r+')
  const values = new Float64Array(OWN_BYTES / 8)
  const write = (sortIndex: number, attempt: number, startedAt: number, errors: number) => {
    values[0] = sortIndex
    values[1] = attempt
    values[2] = startedAt
    values[3] = errors
    writeSync(fd, values, 0, OWN_BYTES, 0)
  }
  let errors = 0
  return {
    fd,
    trying(sortIndex, attempt) {
      const now = monotonicNow()
      write(sortIndex, attempt, now, errors)
      return now
    },
    waiting: (sortIndex, attempt) => write(sortIndex, attempt, 0, errors),
    pausing: () => write(values[0]!, values[1]!, 0, errors),
    idle() {
      errors = 0
      write(-1, 0, 0, 0)
    },
    failed() {
      errors += 1
    },
  }
}
