import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { fileReference } from '../../src/experiment/file-reference.js'
import { ioSpec, schemaHashes } from '../../src/experiment/io-spec.js'
import { ExperimentRegistry } from '../../src/index.js'
import { GOLDEN, goldenStore } from '../interop/golden.js'
import { combinePoint, makeProfile } from '../interop/golden-experiments.js'

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

  it('describes an input in its wire form, as Python Scythe does', () => {
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

  it('describes types that JSON Schema lacks', () => {
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

  it('keeps the definitions that schemas name, and those of recursive schemas', () => {
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

  it('leaves the schemas unchanged', () => {
    ioSpec(schemas)
    expect(Object.keys(input.shape)).toEqual(['x', 'mode', 'note'])
  })
})

describe('the io spec beside the one that pydantic makes', () => {
  const safeInteger = { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
  const file = (description: string) => ({ type: 'string', minLength: 1, 'x-scythe': 'file', description })
  /** All that is other, definition by definition, each with the reason. */
  const cases = [
    // A number of JavaScript is exact between these.
    { name: 'points', fn: combinePoint, differences: { 'PointInput.n': safeInteger } },
    {
      name: 'profile',
      fn: makeProfile,
      differences: {
        'ProfileInput.steps': safeInteger,
        // What a default_factory makes is no part of pydantic's schema.
        'ProfileInput.weights': { default: [] },
        // Pydantic lists the kinds of addresses and paths. We say in a word of our own that it is a file: a text may be an address, too.
        'ProfileInput.table': file('A text table'),
        'ProfileOutput.report': file('A text report'),
      },
    },
  ] as const

  it.each(cases)('describes $name alike, except for the listed differences', async ({ name, fn, differences }) => {
    const yaml = await goldenStore().get(`${GOLDEN[name]}/experiment_io_spec.yml`)
    const theirs: Spec = parse(new TextDecoder().decode(yaml))
    const ours = plain(ioSpec(ExperimentRegistry.get(fn)))
    for (const [path, other] of Object.entries(differences)) {
      const [definition, field] = path.split('.') as [string, string]
      const { properties } = theirs.$defs[definition]!
      properties[field] = 'x-scythe' in other ? other : { ...properties[field], ...other }
    }
    expect(ours).toEqual(plain(theirs))
    for (const [definition, { required, properties }] of Object.entries(theirs.$defs)) {
      expect(ours.$defs[definition]!.required).toEqual(required)
      expect(Object.keys(ours.$defs[definition]!.properties)).toEqual(Object.keys(properties))
    }
  })

  interface Spec {
    readonly $defs: Record<string, { required?: string[]; properties: Record<string, object> }>
  }

  /** Without the titles of fields, which pydantic makes of their names; and null beside a type in one of two ways to say it. */
  function plain(spec: object): Spec {
    const text = JSON.stringify(spec, (name, value) => {
      if (name === 'properties') {
        return Object.fromEntries(
          Object.entries<{ title?: string }>(value).map(([field, { title: _, ...schema }]) => [field, schema]),
        )
      }
      if (!Array.isArray(value?.type)) return value
      const { type, ...rest } = value
      return { ...rest, anyOf: type.map((one: string) => ({ type: one })) }
    })
    return JSON.parse(text)
  }
})

describe('schema hashes', () => {
  const hashes = schemaHashes({ ...schemas, tables: { rows: z.object({ n: z.int() }) } })

  it('are equal for equal schemas, and for schemas that differ in annotations', () => {
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

  it('include a field that is named like an annotation', () => {
    const hash = (field: string) => schemaHashes({ ...schemas, output: z.object({ [field]: z.int() }) }).output
    expect(hash('description')).not.toBe(hash('title'))
  })

  it('differ with names, types, order, limits, and the output of a transform', () => {
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

  it('are separate for input, output and tables', () => {
    const changed = schemaHashes({ ...schemas, tables: { rows: z.object({ n: z.number() }) } })
    expect(changed).toMatchObject({ input: hashes.input, output: hashes.output })
    expect(changed.tables).not.toBe(hashes.tables)
  })
})
