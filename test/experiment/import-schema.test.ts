import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Experiment } from '../../src/experiment/experiment.js'
import { importSchema } from '../../src/experiment/import-schema.js'
import { ioSpec, type JsonSchema, schemaHashes } from '../../src/experiment/io-spec.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
// In the project, so that what it imports is found.
const folder = mkdtempSync(join(root, 'test/experiment/imported-'))
afterAll(() => rmSync(folder, { recursive: true }))

// Stands for the package.
writeFileSync(
  join(folder, 'scythe.ts'),
  `export { fileReference } from '../../../src/experiment/file-reference.js'
export { remoteExperiment } from '../../../src/experiment/remote.js'
`,
)

const readSpec = (path: string) => parse(readFileSync(join(root, 'test', path), 'utf8')) as JsonSchema

const SPECS = {
  points: 'fixtures/golden/runs/points/v2.0.0/2026-11-21_12-44-15/experiment_io_spec.yml',
  profile: 'fixtures/golden/runs/profile/v1.0.0/2026-11-21_12-45-18/experiment_io_spec.yml',
  // What pydantic says of everything that it has words for.
  everything: 'experiment/fixtures/everything-io-spec.yml',
}

const fileOf = (name: string) => join(folder, `${name}.ts`)

function write(name: string, spec: JsonSchema): void {
  const module = importSchema(spec, `scythe_experiment_${name}`)
  writeFileSync(fileOf(name), module.replace("'scythe-engine'", "'./scythe.js'"))
}

/** What the module gives that was written. */
async function load(name: string): Promise<Experiment> {
  const module = await import(/* @vite-ignore */ pathToFileURL(fileOf(name)).href)
  return module[name]
}

/** What TypeScript has against modules, as a strict project asks it. */
function problemsOf(files: string[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const program = ts.createProgram(files, { ...options, noEmit: true, skipLibCheck: true })
  return files.flatMap((file) => {
    const problems = ts.getPreEmitDiagnostics(program, program.getSourceFile(file))
    return problems.map(({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
  })
}

/** Without what pydantic and zod say in different ways: titles, nulls, files, and which integers are safe. */
function alike(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(alike)
  if (typeof part !== 'object' || part === null) return part
  const { title, ...schema } = part as Record<string, unknown> & JsonSchema
  if (Array.isArray(schema.type)) schema.anyOf = (schema.type as string[]).map((type) => ({ type }) as JsonSchema)
  if (schema.anyOf?.some((option) => (option as JsonSchema).format === 'file-path')) {
    const { anyOf, ...file } = schema
    return { ...file, type: 'string', minLength: 1, 'x-scythe': 'file' }
  }
  const kept = Object.entries(schema).filter(
    ([key, value]) => !(key === 'type' && Array.isArray(value)) && Math.abs(Number(value)) !== Number.MAX_SAFE_INTEGER,
  )
  return Object.fromEntries(kept.map(([key, value]) => [key, alike(value)]))
}

const sidesOf = ({ properties, $defs }: JsonSchema) =>
  [properties!.input, properties!.output].map((side) =>
    alike($defs![(side as JsonSchema).$ref!.slice('#/$defs/'.length)]),
  )

describe('an io spec of Python Scythe as TypeScript', () => {
  const names = Object.keys(SPECS) as (keyof typeof SPECS)[]

  it('compiles in a strict project', () => {
    for (const name of names) write(name, readSpec(SPECS[name]))
    expect(problemsOf(names.map(fileOf))).toEqual([])
  }, 60_000)

  it.each(['points', 'profile'] as const)('describes an equal schema when it is imported: %s', async (name) => {
    const spec = readSpec(SPECS[name])
    write(name, spec)
    const experiment = await load(name)
    expect(experiment.name).toBe(`scythe_experiment_${name}`)
    expect(sidesOf(ioSpec(experiment))).toEqual(sidesOf(spec))
  })

  it('keeps definitions, bounds, enumerations, dates, defaults, files and recursion', async () => {
    write('everything', readSpec(SPECS.everything))
    const text = readFileSync(fileOf('everything'), 'utf8')
    for (const line of [
      "export const Glazing = z.enum(['single', 'it\\'s'])",
      '  thickness: z.number().gt(0).lt(2.5),',
      '    return z.array(Tree).default([])',
      '  built: z.iso.date(),',
      "  code: z.string().min(2).max(9).regex(new RegExp('^[a-z]+\\\\d$')),",
      '  count: z.int().gt(0).multipleOf(2).default(3),',
      '  either: z.union([z.int(), z.string()]).default(5),',
      '  extra: fileReference().nullable().default(null),',
      '  layers: z.array(Layer).max(4).optional(),',
      '  level: Level.default(1),',
      '  loads: z.record(z.string(), z.number()).default({}),',
      "  measured: z.date().default(new Date('2026-01-02T03:04:05Z')),",
      '  must_say: z.number().nullable(),',
      '  number: z.literal([1, 2, 3]).nullable().default(2),',
      '  spare: Layer.nullable().default(null),',
    ]) {
      expect(text.split('\n')).toContain(line)
    }
    const { input } = await load('everything')
    const layer = { thickness: 1 }
    const spec = { built: '2026-11-21', code: 'ab1', core: layer, must_say: null, share: 1, weather: 'a.epw' }
    const parsed = input.parse({ ...spec, tree: { name: 'a', children: [{ name: 'b' }] } })
    expect(parsed).toMatchObject({ level: 1, core: { thickness: 1, material: null }, pair: [1, 'a'] })
    expect(input.safeParse({ ...spec, core: { thickness: 0 } }).success).toBe(false)
    expect(input.safeParse({ ...spec, tree: { name: 'a', children: [{}] } }).success).toBe(false)
  })

  it('is an equal schema after it is exported and imported again', async () => {
    write('everything', readSpec(SPECS.everything))
    const once = await load('everything')
    write('again', ioSpec(once))
    expect(schemaHashes(await load('again'))).toEqual(schemaHashes(once))
  })

  it('has the tables of a run, without the columns that join their rows to specs', async () => {
    const columns = ['experiment_id', 'x', 'sort_subindex', 'hour', 'mean watts'].map((name) => ({
      name,
      type: { kind: name === 'hour' ? 'int64' : 'double' } as const,
    }))
    const text = importSchema(readSpec(SPECS.points), 'far', { hours: { columns, index: ['experiment_id', 'x'] } })
    expect(text).toContain(`  tables: {
    hours: z.object({ hour: z.int().nullish(), 'mean watts': z.number().nullish() }),
  },`)
  })

  it('is rejected if it describes no input', () => {
    expect(() => importSchema({ properties: {} }, 'survey')).toThrow('the io spec describes no input')
    expect(() => importSchema(null, 'survey')).toThrow('the io spec describes no input')
  })
})
