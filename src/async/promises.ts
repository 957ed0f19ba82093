/** A promise with the functions that settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(reason: unknown): void
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((ok, no) => {
    resolve = ok
    reject = no
  })
  return { promise, resolve, reject }
}

/**
 * Returns a promise that rejects with the signal's reason when the signal aborts, and never settles
 * otherwise.
 */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  promise.catch(() => {})
  return promise
}

/**
 * Resolves like `work`, or with the result of `late()` after `ms` milliseconds. Rejects if either
 * of them fails.
 */
export function withTimeout<T>(ms: number, work: Promise<T>, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return Promise.race([work, over.then(late)]).finally(() => clearTimeout(timer))
}

/**
 * Returns a function that wraps a promise: the new promise settles like the wrapped one, or rejects
 * with the signal's reason as soon as the signal aborts. The function takes one promise at a time.
 */
export function createHeed(signal: AbortSignal | undefined): <T>(promise: Promise<T>) => Promise<T> {
  let abort: (reason: unknown) => void = () => {}
  signal?.addEventListener('abort', () => abort(signal.reason), { once: true })
  return (promise) => {
    if (!signal) return promise
    return new Promise((resolve, reject) => {
      if (signal.aborted) reject(signal.reason)
      abort = reject
      promise.then(resolve, reject)
    })
  }
}

/** A promise that is created at the first request, and again after a rejection. */
export interface Remembered<T> {
  (): Promise<T>
  /** Forgets the promise, and returns it if there was one. */
  forget(): Promise<T> | undefined
}

/**
 * Remembers the promise that `make` returns. A rejection is not remembered: the next caller starts
 * another attempt.
 */
export function remember<T>(make: () => Promise<T>): Remembered<T> {
  const memo = createMemo<undefined, T>()
  return Object.assign(() => memo.get(undefined, make), { forget: () => memo.forget(undefined) })
}

/** Promises by key. A rejected promise is not remembered. */
export interface Memo<K, T> {
  /** Returns the promise of a key. Calls `make` if the key has no promise. */
  get(key: K, make: () => Promise<T>): Promise<T>
  /** Forgets the promise of a key, and returns it if there was one. */
  forget(key: K): Promise<T> | undefined
}

/** Creates a memo that keeps the `most` promises that were created last. Default: no limit. */
export function createMemo<K, T>(most = Number.POSITIVE_INFINITY): Memo<K, T> {
  const promises = new Map<K, Promise<T>>()
  return {
    get(key, make) {
      const known = promises.get(key)
      if (known) return known
      const made = make()
      promises.set(key, made)
      if (promises.size > most) promises.delete(promises.keys().next().value!)
      made.catch(() => {
        // The key may have been forgotten since, and may have another promise.
        if (promises.get(key) === made) promises.delete(key)
      })
      return made
    },
    forget(key) {
      const known = promises.get(key)
      promises.delete(key)
      return known
    },
  }
}
