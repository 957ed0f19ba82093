import { fileURLToPath, pathToFileURL } from 'node:url'
import { OWN } from '../own.js'

/**
 * Returns the URL of the module that called into the package, without a query. If the stack does
 * not show it, returns the URL of the program's main module.
 */
export function callingModule(own = OWN): string | undefined {
  for (const name of stackFiles()) {
    const url = name && moduleUrl(name)
    if (url && !url.startsWith(own)) return url
  }
  const main = process.argv[1]
  return main === undefined ? undefined : pathToFileURL(main).href
}

/**
 * Returns the files of the calls in progress, innermost first, as they were loaded: without source
 * maps, however the program prints stacks.
 */
function stackFiles(): (string | null | undefined)[] {
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = 50
    Error.prepareStackTrace = (_error, calls) => calls.map((call) => call.getFileName())
    return new Error().stack as unknown as (string | null | undefined)[]
  } finally {
    Error.prepareStackTrace = prepareStackTrace as NonNullable<typeof prepareStackTrace>
    Error.stackTraceLimit = stackTraceLimit
  }
}

/**
 * Returns the URL of a module from its name in a stack, which is a URL in ESM and a path in
 * CommonJS. Returns `undefined` for `node:` modules and evaluated code.
 */
function moduleUrl(name: string): string | undefined {
  if (name.startsWith('file:')) {
    const url = new URL(name)
    return pathToFileURL(fileURLToPath(url)).href
  }
  return name.startsWith('/') || /^[a-z]:[\\/]/i.test(name) ? pathToFileURL(name).href : undefined
}
