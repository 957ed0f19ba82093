import { hasTsx, isTypeScript, tsxUrl } from '../module/typescript.js'

/** Options of this process that would be wrong in another one: debugger ports, code given on the command line, its own heap. */
const OWN_OPTIONS =
  /^(-[ep]|-pe|--(inspect|max-old-space-size|input-type|eval|print|test|watch|cpu-prof|heap-prof|env-file).*)$/
/** Node's own heap, and that of the modules, in MB: beside what specs may take. */
const HEAP_OF_MODULES = 64

/** What Node is to be started with to run `entry`, in a process whose specs may take `memory` bytes. */
export function nodeOptions(entry: string, memory: number, inherited: readonly string[]): string[] {
  const options = withoutOwn(inherited)
  if (isTypeScript(entry) && !hasTsx(options)) options.push('--import', tsxUrl())
  return [...options, `--max-old-space-size=${Math.ceil(memory / 2 ** 20) + HEAP_OF_MODULES}`]
}

function withoutOwn(inherited: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < inherited.length; i++) {
    const option = inherited[i]!
    if (!OWN_OPTIONS.test(option)) kept.push(option)
    else if (!option.includes('=') && !inherited[i + 1]?.startsWith('-')) i += 1
  }
  return kept
}
