import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs'

/** What the function of the current attempt is at. */
export const Phase = {
  /** No attempt is under way. */
  NONE: 0,
  /** It runs and has not returned. */
  SYNC: 1,
  /** It has returned a promise. */
  ASYNC: 2,
  /** It was told that its time is over: the event loop turns. */
  TOLD: 3,
} as const

/**
 * What a process is at, in a small file. What was written last is there however the process ends, and costs no message. Writing takes
 * longer than a quick spec: of those that follow each other within `LAZY_MS` only some are written, unless each is to be; what goes on
 * for longer is written by the watchdog, a thread of its own.
 */
export interface Status {
  /** The current spec, -1 if there is none. */
  readonly sortIndex: number
  readonly attempt: number
  /** `monotonicNow()` when the current attempt began; 0 between attempts. */
  readonly startedAt: number
  /** Error rows since the process took the batch. */
  readonly errors: number
  /** Specs that the process has begun since it was started. */
  readonly begun: number
  /** `monotonicNow()` when a wait between two attempts ends; 0 if there is none. */
  readonly wakesAt: number
  /** One of `Phase`. */
  readonly phase: number
  /** Resident bytes when the watchdog ended the process for having more than `memoryLimit`; else 0. */
  readonly memoryUsed: number
  readonly memoryLimit: number
}

export interface StatusWriter {
  /** For the watchdog. */
  readonly shared: SharedStatus
  /** Whether each attempt is written before it begins, from now on; it is unless told otherwise. */
  beExact(isExact: boolean): void
  /** Writes what has not been written. */
  flush(): void
  /** Returns the time of the start, on the clock of `monotonicNow()`. */
  trying(sortIndex: number, attempt: number): number
  /** Marks the phase of the attempt under way. */
  phase(phase: number): void
  /** Before an attempt, for something else than the function: no time limit runs. A pause ends at `wakesAt`. */
  waiting(sortIndex: number, attempt: number, wakesAt?: number): void
  /** After an attempt, for something else than the next one. */
  pausing(): void
  /** Between two batches. */
  idle(): void
  failed(): void
  /** Whether the process has begun no spec but this one. */
  isFirst(sortIndex: number): boolean
  /** Whether the process has begun a spec. */
  readonly hasBegun: boolean
}

/** What a watchdog needs to write what the process has not. */
export interface SharedStatus {
  /** The open file. */
  readonly fd: number
  /** `LOCK`, `DIRTY` and `WATCHED`, and the file's first bytes behind them. */
  readonly memory: SharedArrayBuffer
}

export interface StatusReader {
  read(): Status
  close(): void
}

const FIELDS = 10
const [SORT_INDEX, ATTEMPT, STARTED_AT, ERRORS, BEGUN, WAKES_AT, PHASE] = [0, 1, 2, 3, 4, 5, 6] as const
/** The first eight are the process's own, in one write; the last two are its watchdog's. */
export const OWN_BYTES = 64
/** Whoever changes or writes what both threads share holds the lock. Without a watchdog nothing may wait to be written. */
export const [LOCK, DIRTY, WATCHED] = [0, 1, 2] as const
export const FLAGS_BYTES = 16
const LAZY_MS = 2
/** Users' code may put others in their place. */
const { compareExchange, store, notify, wait } = Atomics

const hrtime = process.hrtime.bigint
const now = performance.now.bind(performance)
const clockOffset = Number(hrtime()) / 1e6 - now()

/** Milliseconds on a clock that all processes of the machine share and nobody sets. */
export function monotonicNow(): number {
  return clockOffset + now()
}

export function createStatusFile(path: string): StatusReader {
  const values = new Float64Array(FIELDS)
  values[SORT_INDEX] = -1
  writeFileSync(path, new Uint8Array(values.buffer))
  const fd = openSync(path, 'r')
  return {
    read() {
      readSync(fd, values, 0, values.byteLength, 0)
      return {
        sortIndex: values[SORT_INDEX]!,
        attempt: values[ATTEMPT]!,
        startedAt: values[STARTED_AT]!,
        errors: values[ERRORS]!,
        begun: values[BEGUN]!,
        wakesAt: values[WAKES_AT]!,
        phase: values[PHASE]!,
        memoryUsed: values[FIELDS - 2]!,
        memoryLimit: values[FIELDS - 1]!,
      }
    },
    close: () => closeSync(fd),
  }
}

export function openStatusFile(path: string): StatusWriter {
  const fd = openSync(path, 'r+')
  const memory = new SharedArrayBuffer(FLAGS_BYTES + OWN_BYTES)
  const flags = new Int32Array(memory, 0, FLAGS_BYTES / 4)
  const values = new Float64Array(memory, FLAGS_BYTES)
  values[SORT_INDEX] = -1
  let current = -1
  let isLazy = false
  let writtenAt = 0

  function lock(): void {
    while (compareExchange(flags, LOCK, 0, 1) !== 0) wait(flags, LOCK, 1, 1)
  }

  function unlock(): void {
    store(flags, LOCK, 0)
    notify(flags, LOCK)
  }

  function toFile(): void {
    flags[DIRTY] = 0
    writeSync(fd, values, 0, OWN_BYTES, 0)
  }

  /** `lazyAt`: the time, if this may be left to the watchdog. */
  function write(sortIndex: number, attempt: number, startedAt: number, phase: number, wakesAt = 0, lazyAt = 0): void {
    lock()
    try {
      values[SORT_INDEX] = sortIndex
      values[ATTEMPT] = attempt
      values[STARTED_AT] = startedAt
      values[PHASE] = phase
      values[WAKES_AT] = wakesAt
      flags[DIRTY] = 1
      if (isLazy && lazyAt > 0 && lazyAt - writtenAt < LAZY_MS && flags[WATCHED] === 1) return
      writtenAt = lazyAt
      toFile()
    } finally {
      unlock()
    }
  }

  const begin = (sortIndex: number) => {
    if (sortIndex !== current) values[BEGUN]! += 1
    current = sortIndex
  }
  return {
    shared: { fd, memory },
    beExact(isExact) {
      isLazy = !isExact
    },
    flush() {
      lock()
      try {
        toFile()
      } finally {
        unlock()
      }
    },
    trying(sortIndex, attempt) {
      const startedAt = monotonicNow()
      begin(sortIndex)
      write(sortIndex, attempt, startedAt, Phase.SYNC, 0, startedAt)
      return startedAt
    },
    phase(phase) {
      const at = phase === Phase.ASYNC ? values[STARTED_AT]! : 0
      write(values[SORT_INDEX]!, values[ATTEMPT]!, values[STARTED_AT]!, phase, 0, at)
    },
    waiting(sortIndex, attempt, wakesAt) {
      if (sortIndex >= 0) begin(sortIndex)
      write(sortIndex, attempt, 0, Phase.NONE, wakesAt)
    },
    pausing: () => write(values[SORT_INDEX]!, values[ATTEMPT]!, 0, Phase.NONE),
    idle() {
      current = -1
      values[ERRORS] = 0
      write(-1, 0, 0, Phase.NONE)
    },
    failed() {
      values[ERRORS]! += 1
    },
    isFirst: (sortIndex) => values[BEGUN] === 1 && current === sortIndex,
    get hasBegun() {
      return values[BEGUN]! > 0
    },
  }
}
