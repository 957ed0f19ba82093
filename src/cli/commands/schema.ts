import { readFile, stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { IO_SPEC_KEY } from '../../run/layout.js'
import { checkIoSpec } from '../../run/manifest.js'
import { openObjectTable } from '../../scatter/run-folder.js'
import { writeFileAtomically } from '../../store/local-file.js'
import { scopedStore } from '../../store/scoped-store.js'
import type { Store } from '../../store/store.js'
import type { TableSchema } from '../../table/schema.js'
import { UsageError } from '../errors.js'
import { ExitCode } from '../failure.js'
import { findRun, storeAt } from '../find-run.js'
import type { CommonOptions } from '../options.js'
import { schemaModule } from '../schema-module.js'
import { print, printJson } from '../stdout.js'

export interface SchemaOptions extends CommonOptions {
  /** The experiment's name. A file, unlike a run, does not contain it. */
  readonly experiment?: string
  readonly output?: string
}

/**
 * Runs `scythe schema import`: writes the zod schemas of an experiment that this program does not
 * have, as TypeScript.
 */
export async function schema(from: string, options: SchemaOptions): Promise<number> {
  const { text, experiment, tables } = await readIoSpec(from, options)
  const module = await schemaModule(text, from, experiment, tables)
  const { output, json } = options
  if (output !== undefined) await writeFileAtomically(resolve(output), (path) => writeFile(path, module))
  if (json) await printJson({ experiment, ...(output === undefined ? { module } : { file: output }) })
  else if (output === undefined) await print(module)
  return ExitCode.OK
}

/** Reads the file of this name if there is one, else the run. */
async function readIoSpec(from: string, { experiment, store: address }: SchemaOptions) {
  const found = await stat(from).catch(() => undefined)
  if (found?.isFile()) {
    if (experiment !== undefined) return { text: await readFile(from, 'utf8'), experiment, tables: {} }
    throw new UsageError('A file does not say whose schemas it has: add --experiment scythe_experiment_<name>.')
  }
  const store = storeAt(address)
  const run = await findRun(store, from)
  const folder = scopedStore(store, run.id)
  await checkIoSpec(folder)
  return {
    text: new TextDecoder().decode(await folder.get(IO_SPEC_KEY)),
    experiment: experiment ?? run.manifest.experiment_name,
    tables: await readTables(folder),
  }
}

const FIXED_TABLES = ['scalars', 'errors', 'result_file_refs']

/** Reads the schemas of the user's own tables, if the run has these tables already. */
async function readTables(folder: Store): Promise<Record<string, TableSchema>> {
  const tables: Record<string, TableSchema> = {}
  for await (const { key, size } of folder.list('final/')) {
    const [, table] = /^final\/([^/]+)\.pq$/.exec(key) ?? []
    if (table === undefined || FIXED_TABLES.includes(table)) continue
    const [, file] = await openObjectTable(folder, key, size)
    tables[table] = file.schema
  }
  return tables
}
