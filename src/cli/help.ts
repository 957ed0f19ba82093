import type { CAC, Command } from 'cac'
import { textTable } from './text-table.js'

/** What `--help` shows: of the whole command line, or of one command. cac's own leaves out an option named version. */
export function helpText(cli: CAC, command?: Command): string {
  const sections = command
    ? [`Usage: scythe ${command.rawName} [options]`, command.description]
    : ['Usage: scythe <command> [options]', pairs('Commands', cli.commands)]
  sections.push(pairs('Options', [...(command?.options ?? [VERSION]), ...cli.globalCommand.options, HELP]))
  if (command && command.examples.length > 0) sections.push(`Example\n  ${command.examples.join('\n  ')}`)
  const note = command && NOTES[command.name]
  if (note) sections.push(note)
  return sections.join('\n\n')
}

const INTERRUPT = `Ctrl-C stops a run on the local engine; resume goes on with it. On another engine the run goes on without
this terminal: status shows how far it is, resume follows it again, cancel stops it.`
const NOTES: Readonly<Record<string, string>> = { run: INTERRUPT, resume: INTERRUPT }

const HELP = { rawName: '-h, --help', description: 'Show this, or what a command takes' }
const VERSION = { rawName: '-v, --version', description: 'Show the version of Scythe' }

function pairs(title: string, entries: readonly { readonly rawName: string; readonly description: string }[]): string {
  return textTable([
    { name: title, cells: entries.map(({ rawName }) => `  ${rawName}`) },
    { name: '', cells: entries.map(({ description }) => description) },
  ])
}
