import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs'

/** The state of the current attempt's function. */
export const Phase = {
  /** No attempt is in progress. */
  NONE: 0,
  /** The function is running and has not returned. */
  SYNC: 1,
  /** The function has returned a promise. */
  ASYNC: 2,
  /** The attempt was told that its time is over, so the event loop is running. */
  TOLD: 3,
} as const

/**
 * The status of a child process, in a small file. The last write survives however the process ends,
 * and costs no message. A write takes longer than a quick spec: of attempts that follow each other
 * within `LAZY_MS`, only some are written, unless every write is required. The watchdog, a separate
 * thread, writes the status of attempts that last longer.
 */
export interface Status {
  /** The `sort_index` of the current spec; -1 if there is none. */
  readonly sortIndex: number
  readonly attempt: number
  /** The start of the current attempt, as a value of `monotonicNow()`; 0 between attempts. */
  readonly startedAt: number
  /** Number of error rows since the process received the batch. */
  readonly errors: number
  /** Number of specs that the process has started since it was launched. */
  readonly begun: number
  /**
   * The end of the pause between two attempts, as a value of `monotonicNow()`; 0 if there is no
   * pause.
   */
  readonly wakesAt: number
  /** A value of `Phase`. */
  readonly phase: number
  /**
   * Resident memory in bytes at which the watchdog killed the process for exceeding `memoryLimit`;
   * otherwise 0.
   */
  readonly memoryUsed: number
  readonly memoryLimit: number
}

export interface StatusWriter {
  /** The shared memory for the watchdog. */
  readonly shared: SharedStatus
  /** Sets whether the status is written before every attempt begins. Default: `true`. */
  beExact(isExact: boolean): void
  /** Writes any status that is not in the file yet. */
  flush(): void
  /** Records the start of an attempt. Returns its time on the clock of `monotonicNow()`. */
  trying(sortIndex: number, attempt: number): number
  /** Records the phase of the current attempt. */
  phase(phase: number): void
  /**
   * Records work before an attempt that is not the function's own, to which no time limit applies.
   * A pause ends at `wakesAt`.
   */
  waiting(sortIndex: number, attempt: number, wakesAt?: number): void
  /** Records work after an attempt that does not belong to the next attempt. */
  pausing(): void
  /** Records that the process is between two batches. */
  idle(): void
  failed(): void
  /** Returns whether this spec is the only one that the process has started. */
  isFirst(sortIndex: number): boolean
  /** Whether the process has started a spec. */
  readonly hasBegun: boolean
}

/**
 * The state that a watchdog needs to write a status that the process itself has not written yet.
 */
export interface SharedStatus {
  /** The descriptor of the open status file. */
  readonly fd: number
  /** The flags `LOCK`, `DIRTY` and `WATCHED`, followed by a copy of the file's first bytes. */
  readonly memory: SharedArrayBuffer
}

export interface StatusReader {
  read(): Status
  close(): void
}

const FIELDS = 10
const [SORT_INDEX, ATTEMPT, STARTED_AT, ERRORS, BEGUN, WAKES_AT, PHASE] = [0, 1, 2, 3, 4, 5, 6] as const
/**
 * Bytes of the first eight fields, which the process writes in one call. The watchdog writes the
 * last two fields.
 */
export const OWN_BYTES = 64
/**
 * Indexes of the flags. A thread must hold the lock to change or write the state that both threads
 * share. Without a watchdog, no write may be delayed.
 */
export const [LOCK, DIRTY, WATCHED] = [0, 1, 2] as const
export const FLAGS_BYTES = 16
const LAZY_MS = 2
/** Saved when this module is loaded, because user code may replace these functions. */
const { compareExchange, store, notify, wait } = Atomics

const hrtime = process.hrtime.bigint
const now = performance.now.bind(performance)
const clockOffset = Number(hrtime()) / 1e6 - now()

/**
 * Returns the time in ms on a clock that all processes of the machine share and that nobody can
 * set.
 */
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

  /** Writes the status. `lazyAt`: the current time, if the write may be left to the watchdog. */
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
