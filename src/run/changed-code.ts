import { codeHash } from '../execute/module/code-hash.js'
import type { Experiment } from '../experiment/experiment.js'
import type { Allocation } from '../scatter/allocation.js'
import { log } from '../settings/log.js'
import { CodeChangedError } from './errors.js'

/**
 * Throws `CodeChangedError` if the experiment's code differs from the code that the run was
 * allocated with: rows of one run would come from two versions. If the code cannot be hashed, logs
 * a warning and continues.
 */
export async function checkCode(
  { experiment_id, code: before }: Allocation,
  { name, module }: Experiment,
): Promise<void> {
  if (!before) return
  const now = await codeHash(module)
  if (!('hash' in now)) {
    const reason = `it cannot be hashed (${now.reason})`
    log.warn(`whether the code of ${name} has changed since is not known: ${reason}`)
    return
  }
  if (now.hash === before.hash) return
  const { packages } = now
  const changed = [
    ...before.packages.filter((one) => !packages.includes(one)).map((one) => `${one} before`),
    ...packages.filter((one) => !before.packages.includes(one)).map((one) => `${one} now`),
  ]
  if (now.printer !== before.printer) changed.push(`printed by ${now.printer}, ${before.printer} before`)
  throw new CodeChangedError(experiment_id, module, changed)
}
