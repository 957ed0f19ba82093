import { type Environment, readSettings, type ValuesOf } from './environment.js'
import { escapeObeyed, printable } from './printable.js'
import { withoutSecrets } from './secrets.js'
import { oneOf } from './types.js'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LEVELS)[number]

/**
 * The subject of a log line. The text format omits these fields, because its messages name the
 * subject.
 */
export interface LogFields {
  readonly worker?: string
  readonly experiment?: string
  readonly run?: string
  /** The batch as `start-end`, a range of rows without its end. */
  readonly batch?: string
  /** The spec's `sort_index`. */
  readonly spec?: number
  readonly stack?: string
}

export const LOG_SETTINGS = {
  logFormat: oneOf(
    'text',
    'json',
  )({
    variable: 'SCYTHE_LOG_FORMAT',
    default: 'text',
    doc: 'lines of text, or a JSON object per line with time, level, message, run, batch and spec',
  }),
  logLevel: oneOf(...LEVELS)({
    variable: 'SCYTHE_LOG_LEVEL',
    default: 'debug',
    doc: 'the lowest level that is logged: `debug`, `info`, `warn` or `error`',
  }),
}

/**
 * Returns the format and the lowest level of the log. Throws `SettingsInvalidError` for other
 * values.
 */
export function logSettings(env: Environment): ValuesOf<typeof LOG_SETTINGS> {
  return readSettings(LOG_SETTINGS, env)
}

/**
 * The log of this process, on stderr: lines of text, or one JSON object per line. pino is not used
 * because it writes to the file descriptor: lines of specs, of commands and of the log would get
 * out of order, and each process of a pool would load pino.
 */
export const log = {
  info: (message: string, fields?: LogFields) => writeLog('info', message, fields),
  warn: (message: string, fields?: LogFields) => writeLog('warn', message, fields),
  error: (message: string, fields?: LogFields) => writeLog('error', message, fields),
}

/**
 * Writes a message to the log if its level is enabled. `text` is the message's line in the text
 * format.
 */
export function writeLog(
  level: LogLevel,
  message: string,
  fields: LogFields = {},
  text = `scythe: ${printable(message)}`,
): void {
  const { format, lowest } = current()
  if (LEVELS.indexOf(level) < lowest) return
  process.stderr.write(`${format === 'text' ? text : jsonOf(level, message, fields)}\n`)
}

/**
 * Returns the format and the lowest level. It never throws, because a log cannot reject an invalid
 * setting: `logSettings` does that when a command or a worker starts.
 */
function current(): { readonly format: string; readonly lowest: number } {
  const { SCYTHE_LOG_FORMAT: format = '', SCYTHE_LOG_LEVEL: level = '' } = process.env
  return {
    format: format.trim().toLowerCase() === 'json' ? 'json' : 'text',
    lowest: Math.max(0, LEVELS.indexOf(level.trim().toLowerCase() as LogLevel)),
  }
}

function jsonOf(level: LogLevel, message: string, fields: LogFields): string {
  const entry = { time: new Date().toISOString(), level, message, ...fields }
  return escapeObeyed(JSON.stringify(entry, (_name, value) => withoutSecrets(value)))
}
