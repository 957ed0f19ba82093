// `scripts/run bench`: lists what bench/ holds. `scripts/run bench <name> …` runs bench/<name>.ts.
import { existsSync, readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { register } from 'tsx/esm/api'
import { root, say } from './work.js'

const folder = `${root}bench/`
const [name] = process.argv.splice(2, 1)
const names = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.ts')) : []

if (name !== undefined && names.includes(`${name}.ts`)) {
  process.argv[1] = `${folder}${name}.ts`
  register()
  await import(pathToFileURL(process.argv[1]).href)
} else {
  const known = names.map((file) => file.slice(0, -'.ts'.length)).join(', ') || 'none yet'
  if (name === undefined) console.log(`Benchmarks: ${known}`)
  else say(`there is no benchmark named ${name}. There are: ${known}.`)
  process.exitCode = name === undefined ? 0 : 2
}
