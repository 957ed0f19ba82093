import type { Batch, Pool } from '../execute/pool.js'
import { ExperimentRegistry } from '../experiment/registry.js'
import type { Store } from '../store/store.js'
import { CountMismatchError } from './errors.js'
import { fetchInputFile } from './input-files.js'
import { newAttempt, type Part, type Receipt, readReceipt, writeReceipt } from './receipt.js'
import type { RunFolder } from './run-folder.js'
import type { Task, TaskHost } from './task.js'

/** Runs a batch: its rows leave the pool as parts, and its receipt, written last, names them. */
export async function runLeaf(
  run: RunFolder,
  task: Task,
  host: TaskHost,
  pool: Pool,
  openStore: (address: string) => Store,
): Promise<Receipt> {
  const { folder, allocation } = run
  const done = await readReceipt(folder, task)
  if (done) return done

  const attempt = newAttempt(task)
  const tables: Record<string, Part[]> = {}
  const batch = {
    experiment: codeOf(run),
    experimentId: allocation.experiment_id,
    workflowRunId: host.id,
    rootWorkflowRunId: host.rootId,
    start: task.start,
    end: task.end,
    resultFiles: { attempt, uriPrefix: `${folder.uri}/` },
  }
  const { results, errors, seconds } = await pool.run(batch, {
    readSpecs: run.readSpecs,
    fetchFile: (uri, path) => fetchInputFile(run, uri, path, openStore),
    signal: host.signal,
    onProgress: (done, errors) => host.report({ start: task.start, end: task.end, done, errors }),
    async onRows({ parts, files }) {
      const writes = files.map(({ key, path }) => folder.upload(key, path))
      for (const [table, { bytes, rows }] of Object.entries(parts)) {
        tables[table] ??= []
        const key = `parts/${attempt}/${table}-${tables[table].length}.pq`
        tables[table].push({ key, rows, bytes: bytes.length })
        writes.push(folder.put(key, bytes))
      }
      await Promise.all(writes)
    },
  })
  const expected = task.end - task.start
  if (results + errors !== expected) {
    throw new CountMismatchError(task.run, `the batch ${task.start} to ${task.end - 1}`, expected, results + errors)
  }
  const { start, end } = task
  host.report({ start, end, done: expected, errors })
  return writeReceipt(folder, { format: 1, start, end, attempt, worker: host.worker, results, errors, seconds, tables })
}

/** This worker's own copy of the experiment, where it has it: the module of whoever allocated may lie on another machine. */
function codeOf({ allocation }: RunFolder): Batch['experiment'] {
  const { experiment_name: name, module, memory } = allocation
  const own = ExperimentRegistry.list().find((experiment) => experiment.name === name)
  return own ? { name, module: own.module, memory: own.memory } : { name, module, memory: memory ?? undefined }
}
