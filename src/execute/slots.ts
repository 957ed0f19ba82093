/** Room for a fixed number of users; the others wait, first come, first served. */
export interface Slots {
  /** Throws the signal's reason where that aborts first. */
  take(signal: AbortSignal): Promise<void>
  give(): void
}

export function createSlots(count: number): Slots {
  let free = count
  const waiting = new Set<() => void>()

  return {
    async take(signal) {
      signal.throwIfAborted()
      if (free > 0) {
        free -= 1
        return
      }
      await new Promise<void>((resolve, reject) => {
        const leave = () => {
          waiting.delete(enter)
          reject(signal.reason)
        }
        const enter = () => {
          signal.removeEventListener('abort', leave)
          resolve()
        }
        signal.addEventListener('abort', leave, { once: true })
        waiting.add(enter)
      })
    },
    give() {
      const [next] = waiting
      if (!next) {
        free += 1
        return
      }
      waiting.delete(next)
      next()
    },
  }
}
