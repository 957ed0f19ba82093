/**
 * Runs `work` on every item, with at most `limit` calls at once. Resolves with the results in the
 * order of the items. After the first failure it starts no further calls, and rejects with that
 * failure.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  let failed = false
  async function lane() {
    while (next < items.length && !failed) {
      const index = next++
      try {
        results[index] = await work(items[index]!)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane))
  return results
}

/**
 * Runs `work` on every item, and starts up to `ahead` calls before their results are asked for.
 * Yields the results in the order of the items.
 */
export async function* readAhead<T, R>(
  items: Iterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = []
  for (const item of items) {
    const result = work(item)
    result.catch(() => {})
    begun.push(result)
    if (begun.length > ahead) yield await begun.shift()!
  }
  for (const result of begun) yield await result
}

/**
 * Limits the number of concurrent holders. Further callers wait in the order in which they came.
 */
export interface Semaphore {
  /** Waits for a free place and takes it. Throws the signal's reason if the signal aborts first. */
  acquire(signal?: AbortSignal): Promise<void>
  release(): void
  /** Holds a place while `work` runs. */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>
}

export function createSemaphore(places: number): Semaphore {
  let free = places
  const waiting = new Set<() => void>()

  async function acquire(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (free > 0) {
      free -= 1
      return
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting.delete(enter)
        reject(signal?.reason)
      }
      const enter = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      signal?.addEventListener('abort', leave, { once: true })
      waiting.add(enter)
    })
  }

  function release(): void {
    const [next] = waiting
    if (!next) {
      free += 1
      return
    }
    waiting.delete(next)
    next()
  }

  return {
    acquire,
    release,
    async run(work, signal) {
      await acquire(signal)
      try {
        return await work()
      } finally {
        release()
      }
    },
  }
}
