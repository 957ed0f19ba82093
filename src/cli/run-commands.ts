import { textTable } from './text-table.js'

/** A command about a run, to be typed as it stands. */
export function runCommand(command: string, run: string, storeAddress: string | undefined, module?: string): string {
  return `scythe ${command} ${run}${module === undefined ? '' : ` ${module}`}${storeAddress === undefined ? '' : ` --store ${storeAddress}`}`
}

/** What can be done with a run that goes on elsewhere. */
export function formatNextCommands(run: string, storeAddress: string | undefined): string {
  const ways = { status: 'how far it is', resume: 'follow it again', cancel: 'stop it' }
  const commands = Object.keys(ways).map((command) => `  ${runCommand(command, run, storeAddress)}`)
  const [, ...lines] = textTable([
    { name: '', cells: commands },
    { name: '', cells: Object.values(ways) },
  ]).split('\n')
  return lines.join('\n')
}
