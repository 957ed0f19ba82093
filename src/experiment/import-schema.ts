import type { ColumnType, TableSchema } from '../table/schema.js'
import { checkIoSpec } from './check-io-spec.js'
import { ExperimentInvalidError } from './errors.js'
import { objectText, type Writing } from './import-types.js'
import type { JsonSchema } from './io-spec.js'
import { type Definitions, resolveRef } from './json-schema.js'
import { fieldNameProblem, titleOf } from './names.js'
import { constantNames, keyText, literal } from './typescript-literals.js'
import { formatValue } from './values.js'

/** Fields that Scythe itself adds beside the user's fields. */
const WIRE_FIELDS = ['experiment_id', 'sort_index', 'workflow_run_id', 'root_workflow_run_id', 'storage_settings']

/**
 * Returns a TypeScript module for an experiment's io spec (`experiment_io_spec.yml`, as pydantic or
 * zod made it): zod schemas, and the `remoteExperiment` that uses them. `tables` are the user's
 * tables of results, which the io spec does not describe. Throws `ExperimentInvalidError` if the
 * value is not an io spec.
 */
export function importSchema(
  ioSpec: unknown,
  name: string,
  tables: Readonly<Record<string, TableSchema>> = {},
): string {
  const { $defs = {}, properties = {} } = checkIoSpec(ioSpec, name)
  const definitions = $defs as Definitions
  const side = (option: 'input' | 'output') => {
    const schema = Object.hasOwn(properties, option) ? properties[option] : undefined
    if (typeof schema !== 'object')
      throw new ExperimentInvalidError(name, option, `the io spec describes no ${option}.`)
    const resolved = resolveRef(schema, definitions)
    for (const field of Object.keys(resolved.properties ?? {})) checkField(name, option, field)
    return resolved
  }
  const [own, returned] = [withoutWireFields(side('input')), side('output')]
  const names = constantNames()
  const title = titleOf(name) || 'Experiment'
  const constant = names.take(title[0]!.toLowerCase() + title.slice(1))
  const [inputName, outputName] = [names.take(`${title}Input`), names.take(`${title}Output`)]
  const writing: Writing = {
    definitions,
    constants: new Map(),
    names,
    lines: [],
    open: new Set(),
    later: false,
    usesFiles: false,
  }
  const input = objectText(own, writing)
  const notOfRows = [...WIRE_FIELDS, 'sort_subindex', ...Object.keys(own.properties ?? {})]
  const rows = Object.entries(tables).map(([table, schema]) => `    ${keyText(table)}: ${rowText(schema, notOfRows)},`)
  const output = objectText(returned, writing)
  const imports = writing.usesFiles ? 'fileReference, remoteExperiment' : 'remoteExperiment'
  return [
    `import { ${imports} } from 'scythe-engine'`,
    "import { z } from 'zod'",
    '',
    ...writing.lines.flatMap((line) => [line, '']),
    `export const ${inputName} = ${input}`,
    '',
    `export const ${outputName} = ${output}`,
    '',
    `export const ${constant} = remoteExperiment({`,
    `  name: ${literal(name)},`,
    `  input: ${inputName},`,
    `  output: ${outputName},`,
    ...(rows.length > 0 ? ['  tables: {', ...rows, '  },'] : []),
    '})',
    '',
  ].join('\n')
}

/** Throws if a field's name is invalid, because the written module could not be loaded. */
function checkField(experiment: string, side: string, field: string): void {
  const expected = fieldNameProblem(field)
  if (!expected) return
  throw new ExperimentInvalidError(
    experiment,
    `${side}.${field}`,
    `the field ${formatValue(field)} of ${side} is expected to be ${expected}.`,
  )
}

/**
 * Returns the input's schema without the fields of Scythe, and without the permission of additional
 * fields. Senders may add fields to a spec, so Python Scythe allows them in every input, but a spec
 * of this package has only the fields of its schema.
 */
function withoutWireFields({
  properties = {},
  required = [],
  additionalProperties,
  ...schema
}: JsonSchema): JsonSchema {
  const kept = Object.entries(properties).filter(([field]) => !WIRE_FIELDS.includes(field))
  const closed = additionalProperties === undefined || additionalProperties === true
  return {
    ...schema,
    properties: Object.fromEntries(kept),
    required: required.filter((field) => !WIRE_FIELDS.includes(field)),
    ...(closed ? {} : { additionalProperties }),
  }
}

/**
 * Returns the schema of a table's rows as code, without the columns that say which spec a row
 * belongs to. Every column may be null.
 */
function rowText({ columns }: TableSchema, others: readonly string[]): string {
  const own = columns.filter(({ name }) => !others.includes(name))
  const fields = own.map(({ name, type }) => `${keyText(name)}: ${columnText(type)}.nullish()`)
  return `z.object({ ${fields.join(', ')} })`
}

function columnText(type: ColumnType): string {
  switch (type.kind) {
    case 'int64':
      return type.bigint ? 'z.int64()' : 'z.int()'
    case 'double':
      return 'z.number()'
    case 'date':
      return 'z.iso.date()'
    case 'timestamp':
      return 'z.date()'
    case 'json':
      return 'z.unknown()'
    case 'list':
      return `z.array(${columnText(type.item)}.nullable())`
    case 'struct':
      return rowText({ columns: type.fields, index: [] }, [])
    case 'string':
      return 'z.string()'
    case 'boolean':
      return 'z.boolean()'
  }
}
