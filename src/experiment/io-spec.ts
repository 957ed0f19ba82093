import { createHash } from 'node:crypto'
import { z } from 'zod'
import { columnsOf } from './columns.js'
import type { Experiment } from './experiment.js'
import { titleOf } from './names.js'
import type { Schema } from './schema.js'
import { wireInteger } from './wire.js'

export type JsonSchema = z.core.JSONSchema.JSONSchema
type Schemas = Pick<Experiment, 'name' | 'input' | 'output' | 'tables'>

// Each field needs an object of its own: YAML would write a shared object as a reference.
const nullableString = () => ({ anyOf: [{ type: 'string' }, { type: 'null' }], default: null })

/**
 * The fields that a spec has on the wire beside the user's fields, as Python Scythe describes them.
 */
const WIRE_FIELDS = {
  experiment_id: { type: 'string', title: 'Experiment Id', description: 'The experiment_id of the spec' },
  sort_index: { type: 'integer', minimum: 0, title: 'Sort Index', description: 'The sort index of the leaf.' },
  workflow_run_id: { ...nullableString(), title: 'Workflow Run Id', description: 'The workflow run id of the leaf.' },
  root_workflow_run_id: {
    ...nullableString(),
    title: 'Root Workflow Run Id',
    description: 'The root workflow run id of the leaf.',
  },
  storage_settings: {
    anyOf: [{ $ref: '#/$defs/ScytheStorageSettings' }, { type: 'null' }],
    default: null,
    description: 'The storage settings to use.',
  },
} as const

const STORAGE_SETTINGS = {
  type: 'object',
  title: 'ScytheStorageSettings',
  description: 'Storage Settings.',
  properties: {
    BUCKET: { type: 'string', title: 'Bucket', description: 'The name of the S3 bucket to use.' },
    BUCKET_PREFIX: {
      type: 'string',
      default: 'scythe',
      title: 'Bucket Prefix',
      description: 'The prefix to use for the S3 bucket.',
    },
  },
  required: ['BUCKET'],
  additionalProperties: false,
} as const

/**
 * Returns the contents of `experiment_io_spec.yml`: one JSON Schema with the properties `input` and
 * `output`, and definitions under `$defs`.
 */
export function ioSpec({ name, input, output }: Schemas): JsonSchema {
  const { $defs = {}, properties } = jsonSchema(z.object({ input, output }))
  const define = (side: 'input' | 'output') => {
    const schema = properties![side] as JsonSchema
    const named = schema.$ref?.slice('#/$defs/'.length)
    const definition = named ?? `${titleOf(name)}${side === 'input' ? 'Input' : 'Output'}`
    $defs[definition] = { title: definition, ...(named ? $defs[named] : schema) }
    return definition
  }
  const [inputName, outputName] = [define('input'), define('output')]
  $defs[inputName] = withWireFields($defs[inputName]!)
  $defs.ScytheStorageSettings = STORAGE_SETTINGS as unknown as JsonSchema
  return {
    $defs,
    title: 'ExperimentIO',
    description: 'The input and output schema for the experiment.',
    type: 'object',
    properties: {
      input: { $ref: `#/$defs/${inputName}`, description: 'The input for the experiment.' },
      output: { $ref: `#/$defs/${outputName}`, description: 'The output for the experiment.' },
    },
    required: ['input', 'output'],
  }
}

function withWireFields(input: JsonSchema): JsonSchema {
  return {
    ...input,
    properties: { ...(WIRE_FIELDS as unknown as JsonSchema['properties']), ...input.properties },
    required: ['experiment_id', 'sort_index', ...(input.required ?? [])],
    additionalProperties: true,
  }
}

/**
 * Returns hashes of the values that the schemas accept and store. Schemas that differ only in
 * descriptions, or in the order of keys, have equal hashes.
 */
export function schemaHashes({ input, output, tables }: Schemas): { input: string; output: string; tables: string } {
  const rows = Object.entries(tables).map(([table, row]) => [table, contentOf(row)])
  return {
    input: hash(contentOf(input)),
    output: hash(contentOf(output)),
    tables: hash(Object.fromEntries(rows)),
  }
}

function contentOf(object: z.ZodObject) {
  return { columns: columnsOf(object), schema: jsonSchema(object, dropNotes) }
}

type Override = NonNullable<z.core.ToJSONSchemaParams['override']>
type Node = Parameters<Override>[0]

function dropNotes({ jsonSchema }: Node) {
  for (const note of ['title', 'description', 'examples', 'deprecated']) delete jsonSchema[note]
}

/**
 * Returns the JSON Schema of a spec as it is sent: fields with a default are not required, and a
 * transform is described by its input.
 */
export function jsonSchema(schema: z.ZodObject, change?: (node: Node) => void): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: (node) => {
      const { def } = node.zodSchema._zod as Schema['_zod']
      const { type } = def
      if (type === 'date') Object.assign(node.jsonSchema, { type: 'string', format: 'date-time' })
      if (type === 'bigint') node.jsonSchema.type = 'integer'
      if (type === 'default' && typeof def.defaultValue === 'bigint')
        node.jsonSchema.default = wireInteger(def.defaultValue)
      change?.(node)
    },
  })
  return json
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, sortKeys)).digest('hex')
}

function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * Returns the schema of a form that runs one spec: the user's own fields. Other fields may be sent
 * beside them.
 */
export function formSchema({ name, description, input }: Experiment): JsonSchema {
  const about = { title: titleOf(name), ...(description !== undefined && { description }) }
  return { ...about, ...jsonSchema(input), additionalProperties: true }
}
