import { hasTsx, isTypeScript, tsxUrl } from '../module/typescript.js'

/**
 * Node options that must not be passed on to another process: debugger ports, code from the command
 * line, heap limits.
 */
const OWN_OPTIONS =
  /^(-[ep]|-pe|--(inspect|max-old-space-size|input-type|eval|print|test|watch|cpu-prof|heap-prof|env-file).*)$/
/** Heap in MB for Node and the modules, in addition to the memory of specs. */
const HEAP_OF_MODULES = 64

/** Returns the Node options to run `entry` in a process whose specs may use `memory` bytes. */
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
