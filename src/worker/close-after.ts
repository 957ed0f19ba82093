/** Does `work`, and then, whatever came of it, all that it deferred: the last first. Throws what failed first. */
export async function closeAfter(work: (defer: (close: () => unknown) => void) => Promise<void>): Promise<void> {
  const steps: (() => unknown)[] = []
  const failures: unknown[] = []
  const attempt = async (step: () => unknown) => {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  await attempt(() => work((close) => steps.push(close)))
  for (const step of steps.reverse()) await attempt(step)
  if (failures.length > 0) throw failures[0]
}
