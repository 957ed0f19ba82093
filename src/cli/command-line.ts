import { CommanderError } from 'commander'
import { log, logSettings } from '../settings/log.js'
import { scytheCommands } from './commands.js'
import { UsageError } from './errors.js'
import { ExitCode, reportFailure } from './failure.js'
import { printLine, reserveStdout, written } from './stdout.js'
import { unknownVariables } from './unknown-variables.js'

/** Runs the command that the words name, then ends the process. */
export async function runCommandLine(words: readonly string[]): Promise<never> {
  const options = { json: words.includes('--json'), verbose: words.includes('--verbose') || !!process.env.SCYTHE_DEBUG }
  const end = (code: number) => written().then(() => process.exit(code))
  const fail = async (error: unknown) => end(await reportFailure(error, options))
  reserveStdout()
  // The reader of the log has closed it. Work continues without the log: a message about that would
  // fail as well.
  process.stderr.on('error', () => {})
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  // A user's module may keep the process running.
  return dispatch(words).then(end, fail)
}

/**
 * Runs the command that the words name. Resolves with the exit code. Rejects with a `UsageError` if
 * the words name no command.
 */
export async function dispatch(words: readonly string[]): Promise<number> {
  let exitCode: number = ExitCode.OK
  let text = ''
  const program = scytheCommands((code) => {
    exitCode = code
  })
  const write = (part: string) => {
    text += part
  }
  for (const command of [program, ...program.commands]) command.configureOutput({ writeOut: write, writeErr: write })
  program.hook('preAction', () => {
    logSettings(process.env)
    for (const warning of unknownVariables(process.env)) log.warn(warning)
  })
  try {
    await program.parseAsync(words.length === 0 ? ['--help'] : words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // `scythe help <command>` with an unknown command shows the help of all commands.
    if (error.exitCode !== 0 && error.code !== 'commander.help')
      throw new UsageError(text.trim().replace(/^error: /, ''), { cause: error })
    await printLine(text.trimEnd())
  }
  return exitCode
}
