import { defaultEngine } from '../../run/default-engine.js'
import { readRootId } from '../../run/root-task.js'
import { ALLOCATION_KEY } from '../../scatter/allocation.js'
import { findObject } from '../../scatter/find-object.js'
import { scopedStore } from '../../store/scoped-store.js'
import { UsageError } from '../errors.js'
import { ExitCode } from '../failure.js'
import { findRun, storeAt } from '../find-run.js'
import type { CommonOptions } from '../options.js'
import { runCommand } from '../run-commands.js'
import { printJson, printLine } from '../stdout.js'

/** Runs `scythe cancel <run>`: stops a run wherever its tasks are. */
export async function cancel(name: string, { json, store: address }: CommonOptions): Promise<number> {
  const store = storeAt(address)
  const run = await findRun(store, name)
  const folder = scopedStore(store, run.id)
  if ((await run.status()).state === 'done') {
    await (json ? printJson({ run: run.id, state: 'done' }) : printLine(`${run.id} is done: there is nothing to stop.`))
    return ExitCode.OK
  }
  const engine = await defaultEngine()
  try {
    if (!engine.abilities.outlivesProcess) {
      throw new UsageError(
        'A run on the local engine is stopped with Ctrl-C where it runs. One on another engine needs that engine: set HATCHET_CLIENT_TOKEN.',
      )
    }
    await engine.cancel(run.id, await readRootId(folder))
  } finally {
    await engine.close()
  }
  if (json) await printJson({ run: run.id, state: 'cancelled' })
  else {
    const resumable = await findObject(folder, ALLOCATION_KEY)
    const wayOn = resumable
      ? `Resume it: ${runCommand('resume', run.id, address)}`
      : 'It cannot be resumed, as runs of Python Scythe and of workflows cannot: allocate its specs again.'
    await printLine(`${run.id} is stopped; what is done is kept. ${wayOn}`)
  }
  return ExitCode.OK
}
