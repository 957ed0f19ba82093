import type { z } from 'zod'
import type { Store } from '../store/store.js'
import { RunObjectInvalidError } from './errors.js'

/** A JSON object of a run, or `undefined` where there is none. Throws `RunObjectInvalidError` where it is not what it should be. */
export async function readObject<T>(folder: Store, key: string, schema: z.ZodType<T>): Promise<T | undefined> {
  if (!(await folder.head(key))) return undefined
  const bytes = await folder.get(key)
  try {
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch (cause) {
    throw new RunObjectInvalidError(folder.uriOf(key), String(cause), { cause })
  }
}
