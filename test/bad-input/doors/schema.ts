import { rmSync, writeFileSync } from 'node:fs'
import { dispatch } from '../../../src/cli/command-line.js'
import type { Door } from '../door.js'

const spec = (field: string) => `properties:
  input: { type: object, properties: { a: ${field} } }
  output: { type: object, properties: {} }
`

export const schemaDoor: Door<string> = {
  title: '`scythe schema import`',
  code: 'EXPERIMENT_INVALID',
  async take(text) {
    writeFileSync('io.yml', text)
    const words = ['schema', 'import', 'io.yml', '-o', 'facade.ts']
    try {
      return await dispatch(text === 'unnamed' ? words : [...words, '--experiment', 'walls'])
    } finally {
      rmSync('io.yml')
    }
  },
  cases: [
    {
      what: 'a file that does not say whose it is',
      given: 'unnamed',
      code: 'USAGE',
      says: 'A file does not say whose schemas it has: add --experiment scythe_experiment_<name>.',
    },
    {
      what: 'an indent that is wrong',
      given: 'a:\n  b: 1\n c: 2\n',
      code: 'USAGE',
      says: 'io.yml is not valid YAML: All mapping items must start at the same column at line 3, column 1.',
    },
    {
      what: 'a bracket that is not closed',
      given: 'properties: [1\n',
      code: 'USAGE',
      says: 'io.yml is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 2, column 1.',
    },
    {
      what: 'two documents',
      given: 'a: 1\n---\nb: 2\n',
      code: 'USAGE',
      says: 'io.yml is not valid YAML: Source contains multiple documents, and one is expected at line 2, column 1.',
    },
    {
      what: 'a text',
      given: 'hello',
      says: 'Experiment walls: the io spec is wrong: Invalid input: expected object, received string (got "hello").',
    },
    { what: 'nothing', given: '', says: 'Experiment walls: the io spec describes no input.' },
    {
      what: 'no output',
      given: 'properties: { input: { type: object } }',
      says: 'Experiment walls: the io spec describes no output.',
    },
    {
      what: 'code for a length',
      given: spec('{ type: string, minLength: "process.exit()" }'),
      says: 'Experiment walls: the io spec is wrong at properties.input.properties.a.minLength: Invalid input: expected number, received string (got "process.exit()").',
    },
    {
      what: 'a length below zero',
      given: spec('{ type: string, maxLength: -1 }'),
      says: 'Experiment walls: the io spec is wrong at properties.input.properties.a.maxLength: Too small: expected number to be >=0 (got -1).',
    },
    {
      what: 'a step of zero',
      given: spec('{ type: number, multipleOf: 0 }'),
      says: 'Experiment walls: the io spec is wrong at properties.input.properties.a.multipleOf: Too small: expected number to be >0 (got 0).',
    },
    {
      what: 'an enum without values',
      given: spec('{ enum: [] }'),
      says: 'Experiment walls: the io spec is wrong at properties.input.properties.a.enum: Too small: expected array to have >=1 items (got []).',
    },
    {
      what: 'a description that is an object',
      given: spec('{ type: string, description: { a: 1 } }'),
      says: 'Experiment walls: the io spec is wrong at properties.input.properties.a.description: Invalid input: expected string, received object (got {"a":1}).',
    },
    {
      what: 'a reference that is a number',
      given: spec('{ $ref: 7 }'),
      says: 'Experiment walls: the io spec is wrong at properties.input.properties.a.$ref: Invalid input: expected string, received number (got 7).',
    },
    {
      what: 'a part that contains itself',
      given: spec('&a { type: array, items: *a }'),
      says: 'Experiment walls: the io spec has a part that contains itself.',
    },
    {
      what: 'a field named __proto__',
      given:
        'properties:\n  input: { type: object, properties: { "__proto__": { type: string } } }\n  output: { type: object }\n',
      says: 'Experiment walls: the field "__proto__" of input is expected to be named otherwise, because JavaScript or Parquet cannot have such a field.',
    },
    {
      what: 'a time, which JSON has not',
      given: spec('{ default: !!timestamp 2026-01-31 }'),
      says: 'Experiment walls: the io spec has a Date, which JSON has not.',
    },
    {
      what: 'bytes, which JSON has not',
      given: spec('{ default: !!binary aGk= }'),
      says: 'Experiment walls: the io spec has a Buffer, which JSON has not.',
    },
    {
      what: 'what is needed is a text',
      given: spec('{ type: object, properties: {}, required: a }'),
      says: 'Experiment walls: the io spec is wrong at properties.input.properties.a.required: Invalid input: expected array, received string (got "a").',
    },
  ],
}
