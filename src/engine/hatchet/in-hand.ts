import { type Deferred, deferred } from '../../scatter/promises.js'
import type { Running } from './running.js'

/** The tasks that a worker has in hand. */
export interface InHand {
  readonly size: number
  /** Counts a task for as long as its work lasts. */
  during<T>(running: Running, work: Promise<T>): Promise<T>
  /** Settles when there is none. */
  idle(): Promise<void>
  /** Gives all of them back to the engine. */
  handBack(): void
}

export function createInHand(): InHand {
  const tasks = new Set<Running>()
  let empty: Deferred<void> | undefined
  return {
    get size() {
      return tasks.size
    },
    during(running, work) {
      tasks.add(running)
      return work.finally(() => {
        tasks.delete(running)
        if (tasks.size === 0) empty?.resolve()
      })
    },
    async idle() {
      while (tasks.size > 0) {
        empty = deferred()
        await empty.promise
      }
    },
    handBack() {
      for (const task of tasks) task.handBack()
    },
  }
}
