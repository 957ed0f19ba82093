import { withoutSecrets } from '../settings/secrets.js'
import { decodeSlice } from '../table/slice.js'
import { legible } from '../table/well-formed.js'
import { encodeTable } from '../table/writer.js'
import { beginAttempt } from './attempt.js'
import type { Range } from './plan.js'
import type { Part, Receipt } from './receipt.js'
import type { RunFolder } from './run-folder.js'
import type { TaskHost } from './task.js'

/**
 * Writes error rows for a batch that no worker could finish, so that its specs are accounted for.
 */
export async function writeLostBatch(
  run: RunFolder,
  { start, end }: Range,
  host: TaskHost,
  failure: { readonly attempts: number; readonly cause: unknown },
): Promise<Receipt> {
  const { folder, allocation } = run
  const schema = allocation.tables.errors!
  const attempt = beginAttempt({ folder, worker: host.worker }, { start, end })
  const cause = failure.cause instanceof Error ? failure.cause : undefined
  const parts: Part[] = []
  for (let row = start; row < end; ) {
    const slice = await run.readSpecs(row)
    const last = Math.min(end, slice.firstRow + slice.rows)
    const specs = await decodeSlice(slice)
    const rows = last - row
    const constants: Record<string, unknown> = {
      experiment_id: allocation.experiment_id,
      workflow_run_id: host.id,
      root_workflow_run_id: host.rootId,
      error_code: 'BATCH_LOST',
      error_name: cause?.name ?? 'BATCH_LOST',
      error_message: legible(`Its workers died under it, also when it ran alone: ${cause?.message ?? failure.cause}`),
      error_stack: cause?.stack === undefined ? null : legible(cause.stack),
      error_attempts: failure.attempts,
      error_worker: host.worker,
      error_seconds: null,
    }
    const data = schema.columns.map(({ name }) => {
      const values = Object.hasOwn(constants, name)
        ? new Array(rows).fill(constants[name])
        : specs[name]?.slice(row - slice.firstRow, last - slice.firstRow).map(withoutSecrets)
      return [name, values ?? new Array(rows).fill(null)] as const
    })
    const bytes = encodeTable(schema, Object.fromEntries(data), rows)
    parts.push(await attempt.put(`errors-${parts.length}`, bytes, rows))
    row = last
  }
  return attempt.commit({ results: 0, errors: end - start, seconds: 0 }, { errors: parts })
}
