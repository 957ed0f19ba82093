// Called by scripts/run before every command: fast where nothing is to be done. Says what it does on stderr only.
import { build } from './build.js'
import { installPackages } from './packages.js'

const ready = (await installPackages()) && (process.argv.includes('--packages-only') || (await build()))
process.exitCode = ready ? 0 : 1
