/** A promise with its handles outside. */
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

/** Rejects with the signal's reason once it aborts, and never settles otherwise. */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  promise.catch(() => {})
  return promise
}

/** What `work` comes to within `ms`; else what `late` gives, or throws. */
export function withTimeout<T>(ms: number, work: Promise<T>, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return Promise.race([work, over.then(late)]).finally(() => clearTimeout(timer))
}

/** Returns what settles as a promise does, or rejects with the signal's reason as soon as it aborts. One promise at a time. */
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
