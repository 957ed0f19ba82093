import { z } from 'zod'
import { RunObjectInvalidError } from '../scatter/errors.js'
import type { Store } from '../store/store.js'
import { MANIFEST_KEY } from './layout.js'

const manifestSchema = z.object({
  workflow_run_id: z.string(),
  experiment_id: z.string(),
  experiment_name: z.string(),
  specs_uri: z.string(),
  io_spec: z.string(),
  input_artifacts: z.string().nullish(),
})

/** What a run is, in the form that Python Scythe shares. Its addresses are those of the day it was written. */
export type Manifest = z.infer<typeof manifestSchema>

export async function writeYaml(folder: Store, key: string, value: unknown): Promise<void> {
  await folder.put(key, await toYaml(value))
}

/** The parser is loaded when it is first needed: the processes that run specs need none. */
export async function toYaml(value: unknown): Promise<string> {
  return (await import('yaml')).stringify(value)
}

/** `undefined` where there is none: an allocation that did not end. */
export async function readManifest(folder: Store): Promise<Manifest | undefined> {
  if (!(await folder.head(MANIFEST_KEY))) return undefined
  const text = new TextDecoder().decode(await folder.get(MANIFEST_KEY))
  const { parse } = await import('yaml')
  try {
    return manifestSchema.parse(parse(text))
  } catch (cause) {
    throw new RunObjectInvalidError(folder.uriOf(MANIFEST_KEY), String(cause), { cause })
  }
}
