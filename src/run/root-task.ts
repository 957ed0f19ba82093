import { z } from 'zod'
import type { Engine, FoundRoot } from '../engine/engine.js'
import { jsonText, readMendable } from '../scatter/read-json.js'
import type { Store } from '../store/store.js'

const ROOT_KEY = 'root.json'

const rootSchema = z.object({
  format: z.literal(1),
  /** Where the run lay. Of a copy the root is none. */
  uri: z.string(),
  /** The engine's. */
  id: z.string(),
})

/** The id that an engine gave the run's root, the latest one. `undefined` where no engine that keeps one was handed it. */
export async function readRootId(folder: Store): Promise<string | undefined> {
  // A damaged one is none: whoever resumes the run writes another.
  const root = await readMendable(folder, ROOT_KEY, rootSchema)
  return root?.uri === folder.uri ? root.id : undefined
}

export async function writeRootId(folder: Store, id: string): Promise<void> {
  await folder.put(ROOT_KEY, jsonText({ format: 1, uri: folder.uri, id } satisfies z.infer<typeof rootSchema>))
}

/** The run's root on this engine. `undefined` where the engine knows of none, or has forgotten it. */
export async function findRoot(engine: Engine, folder: Store, run: string): Promise<FoundRoot | undefined> {
  const id = engine.find && (await readRootId(folder))
  return id === undefined ? undefined : engine.find?.(id, run)
}
