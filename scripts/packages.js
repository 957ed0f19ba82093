// node_modules in line with package-lock.json.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { alone, quietly, root, say, textOf } from './work.js'

const stamp = `${root}node_modules/.scythe-stamp`

/** Installs what the lock file says, unless that is done already. `false` where it failed. */
export async function installPackages() {
  const wanted = fingerprint()
  if (textOf(stamp) === wanted) return true
  return alone(async () => {
    if (textOf(stamp) === wanted) return true
    say('installing packages: node_modules is not what package-lock.json says')
    const { ok, output } = await quietly('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
    if (ok) writeFileSync(stamp, wanted)
    else say(`npm ci failed.\n${output}`)
    return ok
  })
}

function fingerprint() {
  const { dependencies, devDependencies } = JSON.parse(textOf(`${root}package.json`))
  const node = [process.versions.modules, process.platform, process.arch]
  const parts = [textOf(`${root}package-lock.json`), dependencies, devDependencies, node]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
