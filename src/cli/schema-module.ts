import { checkTypeScript } from '../execute/module/typescript.js'
import { importSchema } from '../experiment/import-schema.js'
import { yamlProblem } from '../run/manifest.js'
import type { TableSchema } from '../table/schema.js'
import { UsageError } from './errors.js'

/**
 * Returns the TypeScript of an io spec in YAML. `from` names the source of the text. Rejects with
 * `UsageError` if the text is not YAML, and with `ExperimentInvalidError` if it is not an io spec.
 */
export async function schemaModule(
  text: string,
  from: string,
  experiment: string,
  tables: Readonly<Record<string, TableSchema>> = {},
): Promise<string> {
  const module = importSchema(await readYaml(text, from), experiment, tables)
  // A module that is not valid TypeScript is neither stored nor shown.
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
