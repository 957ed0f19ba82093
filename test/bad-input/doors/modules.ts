import { spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ended } from '../../cli/scythe.js'
import type { Door, Files } from '../door.js'

/** The module's text, and other words behind `run x.mjs --specs a.csv`. */
type Given = readonly [module: string, more?: string]

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))
const PACKAGE = new URL('../../../dist/index.js', import.meta.url).href
const ZOD = import.meta.resolve('zod')
const head = `import { ExperimentRegistry } from '${PACKAGE}'\nimport { z } from '${ZOD}'\nconst input = z.object({ n: z.int() }), output = z.object({})\n`
const one = (name: string, options = '') =>
  `ExperimentRegistry.register({ input, output, ${options} })(async function ${name}() { return {} })\n`

/** The command line itself: modules are loaded as Node loads them. */
export const modulesDoor: Door<Given> = {
  title: 'Modules',
  code: 'MODULE_NOT_LOADED',
  files: (): Files => ({ 'a.csv': 'n\n1\n' }),
  async take([module, more = ''], folder) {
    const name = module.startsWith('// ts') ? 'x.ts' : 'x.mjs'
    writeFileSync(name, module)
    const words = [MAIN, 'run', name, '--specs', 'a.csv', '--json', ...more.split(' ').filter((word) => word !== '')]
    const child = spawn(process.execPath, words, { cwd: folder, stdio: 'pipe' })
    child.stdin.end()
    const { stdout, stderr } = await ended(child)
    rmSync(name)
    const { error } = JSON.parse(stdout || '{}')
    throw Object.assign(new Error(error?.message ?? stderr), { code: error?.code })
  },
  cases: [
    {
      what: 'a module without an experiment',
      given: ['export const x = 1\n'],
      code: 'EXPERIMENT_UNCLEAR',
      says: 'x.mjs has no experiment. Wrap a function of it in ExperimentRegistry.register({ input, output })(…), or export a remoteExperiment.',
    },
    {
      what: 'two experiments',
      given: [head + one('simulateWalls') + one('simulateRoofs')],
      code: 'EXPERIMENT_UNCLEAR',
      says: 'x.mjs has several experiments: say which one with --experiment (scythe_experiment_simulate_walls, scythe_experiment_simulate_roofs).',
    },
    {
      what: 'an experiment of another name',
      given: [head + one('simulateWalls'), '--experiment roofs'],
      code: 'EXPERIMENT_UNKNOWN',
      says: 'Experiment roofs is not registered (registered: scythe_experiment_simulate_walls). Import the module that registers it.',
    },
    {
      what: 'an experiment twice',
      given: [head + one('simulateWalls') + one('simulateWalls')],
      code: 'EXPERIMENT_DUPLICATE',
      says: 'Experiment scythe_experiment_simulate_walls is registered twice by file://<folder>/x.mjs: give one of them another name, or load the module once only (one loader, no query in the import).',
    },
    {
      what: 'an experiment that is wrong',
      given: [head + one('simulateWalls', 'retries: -1')],
      code: 'EXPERIMENT_INVALID',
      says: 'Experiment scythe_experiment_simulate_walls: expected retries to be a whole number of 0 or more, got -1.',
    },
    {
      what: 'a syntax error',
      given: ['export const x = {\n'],
      says: 'x.mjs could not be loaded: SyntaxError: Unexpected end of input',
    },
    {
      what: 'a syntax error in TypeScript',
      given: ['// ts\nconst x: = 1\n'],
      says: 'x.ts could not be loaded: TransformError: Transform failed with 1 error:\n<folder>/x.ts:2:9: ERROR: Unexpected "="',
    },
    {
      what: 'an import of what is not there',
      given: ["import './no.mjs'\n"],
      says: "x.mjs could not be loaded: Error: Cannot find module '<folder>/no.mjs' imported from <folder>/x.mjs",
    },
    {
      what: 'a package that is not installed',
      given: ["import 'no-such-package-here'\n"],
      says: "x.mjs could not be loaded: Error: Cannot find package 'no-such-package-here' imported from <folder>/x.mjs",
    },
    {
      what: 'a module that throws',
      given: ["throw new Error('no licence')\n"],
      says: 'x.mjs could not be loaded: Error: no licence',
    },
    {
      what: 'a module that throws a text',
      given: ["throw 'no licence'\n"],
      says: 'x.mjs could not be loaded: it threw no licence',
    },
    {
      what: 'a module that waits for ever',
      given: ['await new Promise(() => {})\n'],
      says: 'x.mjs could not be loaded: its top-level await never ends.',
    },
    {
      what: 'the local engine, left alone',
      given: [head + one('simulateWalls'), '--detach'],
      code: 'USAGE',
      says: '--detach needs an engine that goes on without this process: start a worker here (scythe worker), or set HATCHET_CLIENT_TOKEN.',
    },
  ],
}
