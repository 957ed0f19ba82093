import { RunNotDoneError, RunNotFoundError } from '../run/errors.js'
import { textTable } from './text-table.js'

/** The placeholder for the module that a user has to name. */
export const SOME_MODULE = '<module>'

/** Returns a command about a run, or about all runs of a store, that can be typed as it is. */
export function runCommand(
  command: string,
  run: string | undefined,
  storeAddress: string | undefined,
  module?: string,
): string {
  const words = ['scythe', command, run, module, ...(storeAddress === undefined ? [] : ['--store', storeAddress])]
  return words
    .filter((word) => word !== undefined)
    .map((word) => (word === SOME_MODULE ? word : shellWord(word)))
    .join(' ')
}

/** Quotes a word for a shell if necessary. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** Returns an error whose suggested commands name the store as the user did. */
export function namingStore(error: unknown, storeAddress: string | undefined): unknown {
  if (storeAddress === undefined) return error
  if (error instanceof RunNotFoundError) {
    return new RunNotFoundError(error.run, error.store, error.similar, runCommand('list', undefined, storeAddress))
  }
  if (error instanceof RunNotDoneError && error.resume !== null) {
    return new RunNotDoneError(error.run, runCommand('resume', error.run, storeAddress))
  }
  return error
}

/** Formats the commands that apply to a run that continues elsewhere. */
export function formatNextCommands(run: string, storeAddress: string | undefined): string {
  const ways = { status: 'how far it is', resume: 'follow it again', cancel: 'stop it' }
  const commands = Object.keys(ways).map((command) => `  ${runCommand(command, run, storeAddress)}`)
  const [, ...lines] = textTable([
    { name: '', cells: commands },
    { name: '', cells: Object.values(ways) },
  ]).split('\n')
  return lines.join('\n')
}
