import { checkTypeScript } from '../execute/module/typescript.js'
import { importSchema } from '../experiment/import-schema.js'
import { yamlProblem } from '../run/manifest.js'
import type { TableSchema } from '../table/schema.js'
import { UsageError } from './errors.js'

/**
 * Returns the TypeScript that an io spec in YAML stands for; `from` is what it was read from. Throws `UsageError` if it is not YAML, and
 * `ExperimentInvalidError` if it is not an io spec.
 */
export async function schemaModule(
  text: string,
  from: string,
  experiment: string,
  tables: Readonly<Record<string, TableSchema>> = {},
): Promise<string> {
  const module = importSchema(await readYaml(text, from), experiment, tables)
  // Nothing is kept, nor shown, that is not the module that it should be.
  await checkTypeScript(module)
  return module
}

async function readYaml(text: string, from: string): Promise<unknown> {
  const { parse } = await import('yaml')
  try {
    return parse(text, { logLevel: 'error' })
  } catch (error) {
    throw new UsageError(`${from} is not valid YAML: ${yamlProblem(error)}`)
  }
}
