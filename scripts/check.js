// `scripts/run check`: goes on after a step that failed, and fails at the end.
import { readdirSync, readFileSync } from 'node:fs'
import { build } from './build.js'
import { quietly, root } from './work.js'

const longestFile = 300

const steps = {
  build: async () => ({ ok: await build(), output: '' }),
  types: () => tool('typescript/bin/tsc', '--noEmit', '-p', '.'),
  'lint and format': () => tool('@biomejs/biome/bin/biome', 'check', '--colors=off', '--error-on-warnings', '.'),
  'unused code': () => tool('knip/bin/knip.js', '--no-progress', '--no-config-hints'),
  'code that only tests use': () =>
    tool('knip/bin/knip.js', '--production', '--config', 'knip.production.json', '--no-progress', '--no-config-hints'),
  'import direction': () =>
    tool('dependency-cruiser/bin/dependency-cruise.mjs', 'src', '--config', '.dependency-cruiser.js'),
  'length of files': async () => longFiles(),
  'API reference': () => tool('typedoc/bin/typedoc', '--emit', 'none'),
  package: () => tool('publint/src/cli.js', '--strict', '--pack', 'npm'),
}

let failed = 0
for (const [name, step] of Object.entries(steps)) {
  const start = Date.now()
  const { ok, output } = await step()
  console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`)
  if (!ok && output) console.log(output.trimEnd())
  failed += ok ? 0 : 1
}
process.exitCode = failed > 0 ? 1 : 0

function tool(path, ...args) {
  return quietly(process.execPath, [`node_modules/${path}`, ...args])
}

function longFiles() {
  const long = readdirSync(`${root}src`, { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, lines: readFileSync(`${root}src/${file}`, 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > longestFile)
  return {
    ok: long.length === 0,
    output: long.map(({ file, lines }) => `src/${file} has ${lines} lines; ${longestFile} are allowed.`).join('\n'),
  }
}
