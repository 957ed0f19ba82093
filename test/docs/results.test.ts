import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasPython, runPython } from '../support/python.js'
import { readText } from './markdown.js'
import { blocksWith, createProject, type Project } from './project.js'

/** The columns of a table, each with its type, outside of pandas' index and in it. */
interface Columns {
  readonly own: readonly (readonly string[])[]
  readonly index: readonly (readonly string[])[]
}

const SUITE = 'examples of tables in pandas'
const withPython = (await hasPython(SUITE)) && (await hasPython(SUITE, 'tables'))

describe.skipIf(!withPython)('docs/results.md', () => {
  let project: Project
  let columns: Readonly<Record<string, Columns>>
  beforeAll(async () => {
    project = createProject()
    const [commands] = blocksWith('docs/results.md', 'sh', 'houses.csv')
    // One of the four houses is an error.
    await project.run('sh', ['-c', `${commands}[ $? -eq 3 ]`])
    columns = await runPython(new URL('read_run.py', import.meta.url), project.folder)
  })
  afterAll(() => rmSync(project.folder, { recursive: true, force: true }))

  it('docs/results.md names every column of final/*.pq and specs.pq, with its type', () => {
    const index = documented('Columns of every table')
    expect(columns.scalars).toEqual({ own: documented('scalars'), index })
    expect(columns.errors).toEqual({ own: documented('errors'), index })
    expect(columns.result_file_refs).toEqual({ own: documented('result_file_refs'), index })
    const [own, subindex] = [documented('Your own tables').slice(0, 2), documented('Your own tables').slice(2)]
    expect(columns.monthly).toEqual({ own, index: [...index, ...subindex] })
    expect(columns.specs).toEqual({ own: documented('specs.pq'), index: [] })
  })

  it.each(['test', 'tables'] as const)(
    'docs/results.md has examples that run in pandas (environment: %s)',
    async (purpose) => {
      const script = blocksWith('docs/results.md', 'python').join('\n')
      await runPython(new URL('run_script.py', import.meta.url), { folder: project.folder, script }, purpose)
    },
  )
})

/** Returns the columns that a section of docs/results.md lists, each with its type. */
function documented(heading: string): string[][] {
  const [, section] = readText('docs/results.md').split(`\n## ${heading}\n`)
  const rows = section!.split('\n## ')[0]!.matchAll(/^\| `(\w+)` \| `([^`]+)` \|/gm)
  return [...rows].map(([, name, type]) => [name!, type!])
}
