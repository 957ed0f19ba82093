import type { WorkerHandle } from '../../engine.js'

/** Combines several workers into one handle. If one of them cannot start, the others are closed. */
export async function combineWorkers(starting: readonly Promise<WorkerHandle>[]): Promise<WorkerHandle> {
  const started = await Promise.allSettled(starting)
  const servings = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = started.find((one) => one.status === 'rejected')
  if (failed) {
    await Promise.all(servings.map((serving) => serving.close({ drain: 0 })))
    throw failed.reason
  }
  const lost = Promise.race(servings.map((serving) => serving.lost))
  lost.catch(() => {})
  return {
    lost,
    busy: () => servings.reduce((sum, serving) => sum + serving.busy(), 0),
    async problems() {
      const found = await Promise.all(servings.map((serving) => serving.problems()))
      // All workers report an unavailable engine with equal text.
      return [...new Set(found.flat())]
    },
    async close(options) {
      await Promise.all(servings.map((serving) => serving.close(options)))
    },
  }
}
