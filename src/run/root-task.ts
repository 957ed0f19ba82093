import { z } from 'zod'
import type { Engine, FoundRoot } from '../engine/engine.js'
import { jsonText, readMendable } from '../scatter/read-json.js'
import type { Store } from '../store/store.js'

const ROOT_KEY = 'root.json'

const rootSchema = z.object({
  format: z.literal(1),
  /** The run's URI at submission. A copied run has another URI, so this root is not its own. */
  uri: z.string(),
  /** The root task's id on the engine. */
  id: z.string(),
})

/**
 * Reads the id of the run's latest root. Resolves with `undefined` if no engine that joins runs has
 * taken the run.
 */
export async function readRootId(folder: Store): Promise<string | undefined> {
  // A damaged object counts as missing: resuming the run writes another.
  const root = await readMendable(folder, ROOT_KEY, rootSchema)
  return root?.uri === folder.uri ? root.id : undefined
}

export async function writeRootId(folder: Store, id: string): Promise<void> {
  await folder.put(ROOT_KEY, jsonText({ format: 1, uri: folder.uri, id } satisfies z.infer<typeof rootSchema>))
}

/**
 * Finds the run's root on this engine. Resolves with `undefined` if the engine has never had one,
 * or has forgotten it.
 */
export async function findRoot(engine: Engine, folder: Store, run: string): Promise<FoundRoot | undefined> {
  const id = engine.abilities.joins ? await readRootId(folder) : undefined
  return id === undefined ? undefined : engine.find(id, run)
}
