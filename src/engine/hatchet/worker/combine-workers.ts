import type { WorkerHandle } from '../../engine.js'

/** Several servings as one; where one cannot start, none does. */
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
      // Each says the same of an engine that is away.
      return [...new Set(found.flat())]
    },
    async close(options) {
      await Promise.all(servings.map((serving) => serving.close(options)))
    },
  }
}
