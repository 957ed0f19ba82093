import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fileReference } from '../../src/experiment/file-reference.js'
import { ioSpec, schemaHashes } from '../../src/experiment/io-spec.js'

const name = 'scythe_experiment_simulate_energy'
const input = z.object({
  x: z.number().min(0).describe('First [m]'),
  mode: z.enum(['a', 'b']).default('a'),
  note: z.string().nullable(),
})
const output = z.object({ value: z.number(), at: z.date(), big: z.bigint(), report: fileReference().optional() })
const schemas = { name, input, output, tables: {} }

describe('the io spec', () => {
  const spec = ioSpec(schemas)

  it('is one JSON Schema that refers to the definitions of input and output', () => {
    expect(spec).toMatchObject({
      title: 'ExperimentIO',
      type: 'object',
      properties: {
        input: { $ref: '#/$defs/SimulateEnergyInput', description: 'The input for the experiment.' },
        output: { $ref: '#/$defs/SimulateEnergyOutput', description: 'The output for the experiment.' },
      },
      required: ['input', 'output'],
    })
    expect(Object.keys(spec.$defs!).sort()).toEqual([
      'ScytheStorageSettings',
      'SimulateEnergyInput',
      'SimulateEnergyOutput',
    ])
  })

  it('describes an input as it is on the wire, as Python Scythe does', () => {
    const definition = spec.$defs!.SimulateEnergyInput!
    expect(Object.keys(definition.properties!)).toEqual([
      ...['experiment_id', 'sort_index', 'workflow_run_id', 'root_workflow_run_id', 'storage_settings'],
      ...['x', 'mode', 'note'],
    ])
    expect(definition.required).toEqual(['experiment_id', 'sort_index', 'x', 'note'])
    expect(definition.additionalProperties).toBe(true)
    expect(definition.properties).toMatchObject({
      sort_index: { type: 'integer', minimum: 0, title: 'Sort Index' },
      x: { type: 'number', minimum: 0, description: 'First [m]' },
      mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
      storage_settings: { anyOf: [{ $ref: '#/$defs/ScytheStorageSettings' }, { type: 'null' }], default: null },
    })
  })

  it('has words for what JSON Schema has not', () => {
    expect(spec.$defs!.SimulateEnergyOutput).toMatchObject({
      title: 'SimulateEnergyOutput',
      properties: {
        at: { type: 'string', format: 'date-time' },
        big: { type: 'integer' },
        report: { type: 'string', 'x-scythe': 'file' },
      },
      required: ['value', 'at', 'big'],
    })
  })

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec)
  })

  it('keeps the definitions that schemas name, and those of recursive ones', () => {
    const Wall = z.object({
      area: z.number(),
      get within() {
        return z.array(Wall)
      },
    })
    const named = input.extend({ wall: Wall }).meta({ id: 'BuildingInput' })
    const { $defs, properties } = ioSpec({ ...schemas, input: named, output: z.object({ wall: Wall.optional() }) })
    expect(properties?.input).toMatchObject({ $ref: '#/$defs/BuildingInput' })
    expect($defs!.BuildingInput).toMatchObject({ properties: { experiment_id: {}, x: {} } })
    const references = [...JSON.stringify($defs).matchAll(/"#\/\$defs\/([^"]+)"/g)].map(([, definition]) => definition!)
    expect(Object.keys($defs!)).toEqual(expect.arrayContaining(references))
  })

  it('leaves the schemas as they were', () => {
    ioSpec(schemas)
    expect(Object.keys(input.shape)).toEqual(['x', 'mode', 'note'])
  })
})

describe('schema hashes', () => {
  const hashes = schemaHashes({ ...schemas, tables: { rows: z.object({ n: z.int() }) } })

  it('are equal for equal schemas, and for ones that differ in notes', () => {
    const other = z.object({ x: z.number().min(0), mode: z.enum(['a', 'b']).default('a'), note: z.string().nullable() })
    expect(
      schemaHashes({
        ...schemas,
        input: other.describe('What goes in'),
        tables: { rows: z.object({ n: z.int().meta({ title: 'N' }) }) },
      }),
    ).toEqual(hashes)
    expect(hashes.input).toMatch(/^[0-9a-f]{64}$/)
  })

  it('keep a field that is called like a note', () => {
    const hash = (field: string) => schemaHashes({ ...schemas, output: z.object({ [field]: z.int() }) }).output
    expect(hash('description')).not.toBe(hash('title'))
  })

  it('differ with names, types, order, limits, and what a transform gives', () => {
    const inputs = [
      z.object({ a: z.int(), b: z.string() }),
      z.object({ b: z.string(), a: z.int() }),
      z.object({ a: z.number(), b: z.string() }),
      z.object({ a: z.int().min(1), b: z.string() }),
      z.object({ a: z.int(), c: z.string() }),
      z.object({ a: z.int().optional(), b: z.string() }),
      z.object({ a: z.int().transform(String).pipe(z.string()), b: z.string() }),
    ]
    expect(new Set(inputs.map((input) => schemaHashes({ ...schemas, input }).input)).size).toBe(inputs.length)
  })

  it('are of input, output and tables each alone', () => {
    const changed = schemaHashes({ ...schemas, tables: { rows: z.object({ n: z.number() }) } })
    expect(changed).toMatchObject({ input: hashes.input, output: hashes.output })
    expect(changed.tables).not.toBe(hashes.tables)
  })
})
