import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { codeBlocksOf, readText, repository } from './markdown.js'

const exec = promisify(execFile)
const PAGES = ['README.md', 'docs/experiments.md', 'docs/results.md', 'docs/scripts.md', 'docs/debugging.md']
const PACKAGES = ['zod', 'tsx', 'typescript', '@types']

/** A user's project, with the package installed and the TypeScript files of the documentation. */
export interface Project {
  readonly folder: string
  readonly files: readonly string[]
  /** Runs a program in the project's folder. Resolves to its stdout. Rejects if it fails. */
  run(program: string, args: readonly string[]): Promise<string>
  readonly env: NodeJS.ProcessEnv
}

export function createProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'scythe-test-'))
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '.bin'), { recursive: true })
  symlinkSync(repository, join(modules, 'scythe-engine'))
  symlinkSync('../scythe-engine/dist/cli/main.js', join(modules, '.bin/scythe'))
  for (const name of PACKAGES) symlinkSync(join(repository, 'node_modules', name), join(modules, name))
  const tsx = join(repository, 'node_modules/tsx/dist/cli.mjs')
  symlinkSync(tsx, join(modules, '.bin/tsx'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))

  const files = [...PAGES.flatMap(examplesOf), commentExamples()]
  for (const { name, code } of files) writeFileSync(join(folder, name), code)
  const env = environment(modules)
  return {
    folder,
    env,
    files: files.map(({ name }) => name),
    async run(program, args) {
      try {
        return (await exec(program, args, { cwd: folder, env })).stdout
      } catch (error) {
        const { stdout, stderr } = error as { stdout?: string; stderr?: string }
        throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error })
      }
    },
  }
}

/** Returns the blocks of code of a page that are in this language and have this text in them. */
export function blocksWith(page: string, language: string, text = ''): string[] {
  const blocks = codeBlocksOf(readText(page))
  return blocks.filter((block) => block.language === language && block.code.includes(text)).map(({ code }) => code)
}

/** Returns the examples of a page: the blocks of TypeScript that the paragraph before them gives a file's name. */
function examplesOf(page: string): { name: string; code: string }[] {
  const named = readText(page).matchAll(/^((?:.+\n)+)\n```ts\n([\s\S]*?)^```$/gm)
  return [...named].flatMap(([, paragraph, code]) => {
    const name = /`([\w-]+\.ts)`[^`]*(?:`[^`]*`[^`]*)*:\n$/.exec(paragraph!)?.[1]
    return name ? [{ name, code: code! }] : []
  })
}

/** Returns the examples of doc comments as one file: each is a function, with the exports of the package at hand. */
function commentExamples(): { name: string; code: string } {
  const examples = sourceFiles().flatMap((file) => examplesOfComments(readText(file)))
  const functions = examples.map((code, i) => `async function example${i}() {\n${code}}\n`)
  return { name: 'comments.ts', code: [PRELUDE, ...functions].join('\n') }
}

const PRELUDE = `import { z } from 'zod'

import { allocate, BaseExperiment, ExperimentRegistry, fileReference, grid, isScytheError, listBases, listRuns, localEngine,
  openRun, openStore, remoteExperiment, sample, ScytheWorkerConfig, type Store } from 'scythe-engine'

declare const store: Store
const simulateEnergy = ExperimentRegistry.register({
  input: z.object({ rValue: z.number() }),
  output: z.object({ load: z.number() }),
})(function simulateEnergy({ rValue }) {
  return { load: 1 / rValue }
})
`

/** Returns the examples of the doc comments of a source file. */
function examplesOfComments(text: string): string[] {
  return [...text.matchAll(/^ *\* @example\n *\* ```ts\n([\s\S]*?)^ *\* ```$/gm)].map(([, code]) =>
    code!.replace(/^ *\* ?/gm, '  '),
  )
}

function sourceFiles(): string[] {
  return readdirSync(join(repository, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src', name))
}

/** Leaves out the variables that npm and Vitest set, and those of whoever runs the tests. */
function environment(modules: string): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_|SCYTHE_|HATCHET_)/i.test(name))
  const path = [join(modules, '.bin'), process.env.PATH].join(delimiter)
  return { ...Object.fromEntries(others), PATH: path }
}
