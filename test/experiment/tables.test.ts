import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fileReference } from '../../src/experiment/file-reference.js'
import { experimentTables } from '../../src/experiment/tables.js'

const object = (fields: z.core.$ZodShape = {}) => z.object(fields as z.ZodRawShape)
const schemas = (input: z.ZodObject, output: z.ZodObject = object(), tables: Record<string, z.ZodObject> = {}) => ({
  name: 'simulate',
  input,
  output,
  tables,
})
const names = (columns: readonly { name: string }[] | undefined) => columns?.map(({ name }) => name)
const WHERE = ['experiment_id', 'sort_index', 'workflow_run_id', 'root_workflow_run_id']
const refusal = (option: string, message: RegExp) =>
  expect.objectContaining({
    code: 'EXPERIMENT_INVALID',
    experiment: 'simulate',
    option,
    message: expect.stringMatching(message),
  })

describe('the tables of an experiment', () => {
  const experiment = schemas(
    z.object({
      rValue: z.number(),
      weather: fileReference(),
      layers: z.array(z.number()),
      wall: z.object({ area: z.number() }),
      extra: z.unknown(),
      start: z.iso.date().optional(),
    }),
    z.object({ energy: z.number(), hourly: fileReference().nullable(), monthly: z.array(z.number()) }),
    { months: z.object({ month: z.int(), load: z.number() }) },
  )
  const { specs, results, ...rest } = experimentTables(experiment)
  const index = [...WHERE, 'rValue', 'weather', 'start']

  it('are computed once', () => {
    expect(experimentTables(experiment)).toBe(experimentTables(experiment))
  })

  it('include specs: their position, the settings that Python writes, and every field, without an index', () => {
    expect(names(specs.columns)).toEqual([
      ...WHERE,
      'storage_settings',
      'rValue',
      'weather',
      'layers',
      'wall',
      'extra',
      'start',
    ])
    expect(specs.index).toEqual([])
    expect(specs.columns.find(({ name }) => name === 'sort_index')?.type).toEqual({ kind: 'int64' })
    expect(specs.columns.find(({ name }) => name === 'weather')?.type).toEqual({ kind: 'string' })
  })

  it('have an index of all input fields except lists, objects and JSON, in their order, after the columns of the output', () => {
    expect(Object.keys(results)).toEqual(['scalars', 'errors', 'result_file_refs', 'months'])
    expect(names(results.scalars?.columns)).toEqual(['energy', 'monthly', ...index])
    expect(results.scalars?.index).toEqual(index)
    expect(names(results.result_file_refs?.columns)).toEqual(['hourly', ...index])
    expect(names(results.errors?.columns)).toEqual([
      ...[
        'error_code',
        'error_name',
        'error_message',
        'error_stack',
        'error_attempts',
        'error_worker',
        'error_seconds',
      ],
      ...index,
    ])
    expect(results.errors?.index).toEqual(index)
  })

  it('number the rows of one spec in a table of the user', () => {
    expect(names(results.months?.columns)).toEqual(['month', 'load', ...index, 'sort_subindex'])
    expect(results.months?.index).toEqual([...index, 'sort_subindex'])
  })

  it('have the names of the fields', () => {
    expect(rest).toEqual({
      indexFields: ['rValue', 'weather', 'start'],
      nullishFields: undefined,
      inputFiles: ['weather'],
      outputFiles: ['hourly'],
    })
  })

  it('omit the table of files if the output has no file, and include scalars even if the output has no field', () => {
    const { results } = experimentTables(schemas(object({ n: z.int() })))
    expect(Object.keys(results)).toEqual(['scalars', 'errors'])
    expect(names(results.scalars?.columns)).toEqual([...WHERE, 'n'])
  })
})

describe('reserved names', () => {
  it.each([...WHERE, 'storage_settings', 'sort_subindex', 'error_code', 'error_seconds'])(
    '%s is reserved in every schema',
    (name) => {
      const taken = object({ [name]: z.int() })
      expect(() => experimentTables(schemas(taken))).toThrow(refusal(`input.${name}`, /rename it/))
      expect(() => experimentTables(schemas(object(), taken))).toThrow(refusal(`output.${name}`, /rename it/))
      expect(() => experimentTables(schemas(object(), object(), { rows: taken }))).toThrow(
        refusal(`tables.rows.${name}`, /rename it/),
      )
    },
  )

  it('include tables and dataframes in an output alone', () => {
    for (const name of ['tables', 'dataframes']) {
      const taken = object({ [name]: z.int() })
      expect(() => experimentTables(schemas(taken))).not.toThrow()
      expect(() => experimentTables(schemas(object(), taken))).toThrow(refusal(`output.${name}`, /rename it/))
    }
  })

  it('include the fields in the index, in the output and in tables', () => {
    const input = object({ n: z.int(), list: z.array(z.int()) })
    expect(() => experimentTables(schemas(input, object({ n: z.int() })))).toThrow(refusal('output.n', /rename one/))
    expect(() => experimentTables(schemas(input, object({ n: fileReference() })))).toThrow(
      refusal('output.n', /rename one/),
    )
    expect(() => experimentTables(schemas(input, object(), { rows: object({ n: z.int() }) }))).toThrow(
      refusal('tables.rows.n', /rename one/),
    )
    expect(() => experimentTables(schemas(input, object({ list: z.int(), N: z.int() })))).not.toThrow()
  })

  it.each(['scalars', 'errors', 'result_file_refs'])('%s is reserved for a table', (name) => {
    expect(() => experimentTables(schemas(object(), object(), { [name]: object() }))).toThrow(
      refusal(`tables.${name}`, /rename it/),
    )
  })

  it.each(['', 'a/b', '../up', 'with space', '.hidden', 'a.b', 'über'])(
    '"%s" cannot be the name of a table',
    (name) => {
      expect(() => experimentTables(schemas(object(), object(), { [name]: object() }))).toThrow(/as it names a file/)
    },
  )
})

describe('names of fields, files and tables', () => {
  const named = (name: string, field: z.ZodType = z.string()) => z.object(Object.fromEntries([[name, field]]))

  it('may be names that every object has', () => {
    for (const name of ['constructor', 'toString', 'valueOf', 'hasOwnProperty']) {
      const tables = experimentTables(schemas(named(name), object(), { [name]: object() }))
      expect(tables.indexFields).toEqual([name])
      expect(Object.keys(tables.results)).toEqual(['scalars', 'errors', name])
      expect(experimentTables(schemas(named(name, fileReference()), object())).inputFiles).toEqual([name])
    }
  })

  it.each(['', '__proto__', 'x\ud83d', 'a\u0000', 'a\nb', ' a', 'ä'.repeat(101)])(
    '%j is not a valid name of a field, at any depth',
    (name) => {
      const where: [string, () => unknown][] = [
        [`input.${name}`, () => experimentTables(schemas(named(name), object()))],
        [`output.${name}`, () => experimentTables(schemas(object(), named(name)))],
        [`tables.t.${name}`, () => experimentTables(schemas(object(), object(), { t: named(name) }))],
        [`input.wall.${name}`, () => experimentTables(schemas(z.object({ wall: named(name) }), object()))],
      ]
      for (const [option, compile] of where) expect(compile).toThrow(refusal(option, /rename it/))
    },
  )

  it.each(['..', '.', 'a/b', 'a\\b'])('%j is not a valid name of a file, which is stored under it', (name) => {
    expect(experimentTables(schemas(named(name), object())).indexFields).toEqual([name])
    const compile = () => experimentTables(schemas(named(name, fileReference().optional()), object()))
    expect(compile).toThrow(refusal(`input.${name}`, /named as a folder can be.*rename it/))
  })

  it.each(['__proto__', 'a'.repeat(201)])('%j is not a valid name of a table', (name) => {
    const tables = Object.fromEntries([[name, object()]])
    expect(() => experimentTables(schemas(object(), object(), tables))).toThrow(/as it names a file/)
  })
})

describe('schemas that cannot become tables', () => {
  it('are rejected with the option, the field and the remedy', () => {
    const bad = object({ deep: z.object({ map: z.map(z.string(), z.int()) }) })
    expect(() => experimentTables(schemas(bad))).toThrow(
      refusal('input.deep.map', /"deep\.map" of input .* z\.record\(\)/),
    )
    expect(() => experimentTables(schemas(object(), object(), { rows: bad }))).toThrow(
      refusal('tables.rows.deep.map', /z\.record/),
    )
  })

  it('include schemas with files anywhere but at the top level of the input or output', () => {
    const message = /must be a field of the input or the output itself/
    expect(() => experimentTables(schemas(object({ list: z.array(fileReference()) })))).toThrow(
      refusal('input.list[]', message),
    )
    expect(() =>
      experimentTables(schemas(object(), object({ a: z.object({ b: fileReference().optional() }) }))),
    ).toThrow(refusal('output.a.b', message))
    expect(() => experimentTables(schemas(object({ either: z.union([fileReference(), z.int()]) })))).toThrow(
      refusal('input.either', message),
    )
    expect(() => experimentTables(schemas(object(), object(), { rows: object({ file: fileReference() }) }))).toThrow(
      refusal('tables.rows.file', message),
    )
  })

  it('include schemas with a typed catchall, but not loose schemas', () => {
    expect(() => experimentTables(schemas(object().catchall(z.number())))).toThrow(refusal('input', /z\.record/))
    expect(() => experimentTables(schemas(z.looseObject({ n: z.int() }), z.strictObject({ m: z.int() })))).not.toThrow()
  })
})
