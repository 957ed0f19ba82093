import { z } from 'zod'
import { problemText } from '../experiment/parse.js'
import { formatValue } from '../experiment/values.js'
import { NOT_AGAIN } from '../scatter/allocation.js'
import { RunObjectInvalidError } from '../scatter/errors.js'
import { findObject } from '../scatter/find-object.js'
import { meaningsOf, pathOfUri } from '../store/address.js'
import { isKey } from '../store/key.js'
import type { Store } from '../store/store.js'
import { IO_SPEC_KEY, MANIFEST_KEY } from './layout.js'

const manifestSchema = z.object({
  workflow_run_id: z.string(),
  experiment_id: z.string(),
  experiment_name: z.string(),
  specs_uri: z.string(),
  io_spec: z.string(),
  input_artifacts: z.string().nullish(),
})

/**
 * The description of a run, in the form that Python Scythe shares. Its addresses are those of the
 * day on which it was written.
 */
export type Manifest = z.infer<typeof manifestSchema>

export async function writeYaml(folder: Store, key: string, value: unknown): Promise<void> {
  await folder.put(key, await toYaml(value))
}

/**
 * Returns a value as YAML. Texts are quoted, because Python reads YAML 1.1, where a plain `on` is a
 * boolean and 12:30 a number. The library is loaded when it is first needed: the processes that run
 * specs do not need it.
 */
export async function toYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml')
  return stringify(value, { compat: 'yaml-1.1', defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' })
}

/** Reads the manifest. Resolves with `undefined` if there is none: the allocation did not end. */
export async function readManifest(folder: Store): Promise<Manifest | undefined> {
  if (!(await findObject(folder, MANIFEST_KEY))) return undefined
  const value = await readYaml(folder, MANIFEST_KEY)
  const { data, error } = manifestSchema.safeParse(value)
  if (data) return data
  throw new RunObjectInvalidError(folder.uriOf(MANIFEST_KEY), `${problemText(error, value)}. ${NOT_AGAIN}`, {
    cause: error,
  })
}

/** Rejects with `RunObjectInvalidError` if the io spec is missing. */
export async function checkIoSpec(folder: Store): Promise<void> {
  if (await findObject(folder, IO_SPEC_KEY)) return
  throw new RunObjectInvalidError(folder.uriOf(IO_SPEC_KEY), `it is not there. ${NOT_AGAIN}`)
}

/**
 * Reads the io spec: the experiment's input and output, as one JSON Schema with the properties
 * `input` and `output`.
 */
export async function readIoSpec(folder: Store): Promise<Record<string, unknown>> {
  await checkIoSpec(folder)
  const ioSpec = await readYaml(folder, IO_SPEC_KEY)
  if (typeof ioSpec === 'object' && ioSpec !== null) return ioSpec as Record<string, unknown>
  throw new RunObjectInvalidError(
    folder.uriOf(IO_SPEC_KEY),
    `expected a JSON Schema, got ${formatValue(ioSpec)}. ${NOT_AGAIN}`,
  )
}

/**
 * Resolves with the current address of a file that a table names. It is in the run's folder if the
 * address is in the folder that the run was written in, and the file is in this folder too.
 * Otherwise it is the given address.
 */
export async function locate(folder: Store, { specs_uri }: Manifest, address: string): Promise<string> {
  const oldFolders = pathsOf(specs_uri).map((path) => path.slice(0, path.lastIndexOf('/') + 1))
  for (const path of pathsOf(address)) {
    for (const oldFolder of oldFolders) {
      const key = path.startsWith(oldFolder) ? path.slice(oldFolder.length) : ''
      if (isKey(key) && (await folder.head(key))) return folder.uriOf(key)
    }
  }
  return address
}

function pathsOf(address: string): string[] {
  return meaningsOf(address).map((uri) => pathOfUri(uri) ?? uri)
}

async function readYaml(folder: Store, key: string): Promise<unknown> {
  const text = new TextDecoder().decode(await folder.get(key))
  const { parse } = await import('yaml')
  try {
    return parse(text)
  } catch (cause) {
    throw new RunObjectInvalidError(folder.uriOf(key), `it is not valid YAML: ${yamlProblem(cause)} ${NOT_AGAIN}`, {
      cause,
    })
  }
}

/** Returns a parser's message on a text that is not YAML as one line, with the place. */
export function yamlProblem(error: unknown): string {
  const [line = ''] = (error as Error).message.split('\n')
  return line.replace(/; please use .*?\(\)/, ', and one is expected').replace(/:?$/, '.')
}
