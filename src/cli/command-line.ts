import type { CAC } from 'cac'
import { say as sayAside } from '../settings/say.js'
import { packageVersion } from '../worker/version.js'
import { findCommand, readArguments } from './arguments.js'
import { ExitCode, reportFailure } from './failure.js'
import { helpText } from './help.js'
import { namingStore } from './run-commands.js'
import { printLine, reserveStdout, written } from './stdout.js'
import { unknownVariables } from './unknown-variables.js'

/** Does what the words ask for, and ends the process. */
export async function runCommandLine(cli: CAC, words: readonly string[]): Promise<never> {
  const options = { json: words.includes('--json'), verbose: words.includes('--verbose') || !!process.env.SCYTHE_DEBUG }
  const end = (code: number) => written().then(() => process.exit(code))
  const fail = async (error: unknown) => end(await reportFailure(error, options))
  reserveStdout()
  // Whoever read the log is gone: work goes on without, and to say so would fail in the same way.
  process.stderr.on('error', () => {})
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  // Not by itself: a module of the user's may keep the process running.
  return dispatch(cli, words).then(end, fail)
}

/** Does what the words ask for. Returns the exit code; throws what went wrong. */
export async function dispatch(cli: CAC, words: readonly string[]): Promise<number> {
  const [name, ...rest] = words
  if (name === undefined || isHelp(name)) return say(helpText(cli))
  if (name === '--version' || name === '-v') return say(packageVersion())
  const command = findCommand(cli, name)
  if (rest.some(isHelp)) return say(helpText(cli, command))
  const { positionals, options } = readArguments(command, rest)
  for (const warning of unknownVariables(process.env)) sayAside(warning)
  try {
    return await command.commandAction!(...positionals, options)
  } catch (error) {
    throw namingStore(error, options.store as string | undefined)
  }
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h'
}

async function say(text: string): Promise<number> {
  await printLine(text)
  return ExitCode.OK
}
