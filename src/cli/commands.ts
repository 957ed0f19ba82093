import { Argument, Command } from 'commander'
import { packageVersion } from '../worker/version.js'
import { many, once } from './options.js'
import { namingStore } from './run-commands.js'

const SLOTS = 'Number of processes at a time, on the local engine (default: one per CPU)'
const RAW = 'Leave texts in CSV that a spreadsheet takes for formulas as they are'
const INTERRUPT = `Ctrl-C stops a run on the local engine; resume continues it. On another engine
the run continues without this terminal: status shows its progress, resume
follows it again, cancel stops it.`

/** Runs a command: takes its arguments, then its options. Resolves with the exit code. */
// biome-ignore lint/suspicious/noExplicitAny: no type says which values a command takes
type Action = (...values: any[]) => Promise<number>

/**
 * Returns the command line: every command, with its options and its action, whose module is loaded
 * when it runs. `end` is called with the exit code of the action.
 */
export function scytheCommands(end: (code: number) => void): Command {
  const program = new Command('scythe')
    .usage('<command> [options]')
    .version(packageVersion(), '-v, --version', 'Show the version of Scythe')
    .helpOption('-h, --help', 'Show this help')
    .helpCommand('help [command]', 'Show the help of a command')
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('Usage: scythe <command> [options]; `scythe --help` shows the commands.')

  /** Declares a command. Its help ends with examples, and with notes if there are any. */
  function command(usage: string, description: string, examples: readonly string[], notes = ''): Command {
    const added = program.command(usage).description(description)
    added.showHelpAfterError(`\`scythe ${added.name()} --help\` shows its options.`)
    added.addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`)
    return notes ? added.addHelpText('after', `\n${notes}`) : added
  }

  /** Adds the action, and the options that every command takes. */
  function runs(declared: Command, action: Action): void {
    declared
      .optionsGroup('Common options:')
      .option(
        '--store <address>',
        'Where runs are stored: s3://bucket/prefix or a folder (default: SCYTHE_STORAGE_…, else .scythe)',
        once,
      )
      .option('--json', 'Print one JSON object and nothing else')
      .option('--verbose', 'Print stacks of errors')
      .helpOption('-h, --help', 'Show this help')
      .action(async (...values) => {
        // The last value is the command itself; the value before it holds the options.
        const given = values.slice(0, -1)
        try {
          end(await action(...given))
        } catch (error) {
          throw namingStore(error, given.at(-1).store)
        }
      })
  }

  runs(
    command(
      'run <module>',
      'Run an experiment over a table of specs',
      [
        'scythe run experiment.ts --specs specs.csv',
        "scythe run experiment.ts --grid 'r_value=1:5:0.5,city=denver|tucson'",
        'scythe run experiment.ts --sample sobol:1000 --dry-run',
      ],
      INTERRUPT,
    )
      .option('--specs <file>', 'CSV, JSON, Parquet or .xlsx; a pattern, an address, or - for stdin; repeatable', many)
      .option('--delimiter <char>', 'The character between values in CSV (default: found in the header)', once)
      .option('--encoding <name>', 'Encoding of CSV and JSON that is not UTF-8, such as windows-1252', once)
      .option('--sheet <name>', 'Sheet of an .xlsx: its name, or its number from 1 (default: the first)', once)
      .option(
        '--extra <what>',
        'Columns that the input does not name: refuse (default), ignore, or keep beside the results',
        once,
      )
      .option('--grid <values>', "Instead of a table, all combinations: 'r_value=1:5:0.5,city=denver|tucson'", once)
      .option(
        '--sample <method>',
        'Instead of a table, specs over the ranges of the input: sobol:1000, lhs:1000 or random:1000',
        once,
      )
      .option('--seed <n>', 'Seed of --sample by lhs and random (default: 0)', once)
      .option('--limit <n>', 'Run only the first n specs', once)
      .option('--dry-run', 'Check all specs, show five, and run three to estimate the time; nothing is kept')
      .option('--experiment <name>', 'Which experiment, if the module has several', once)
      .option('--version <v>', 'bumpmajor (default), bumpminor, bumppatch, keep, or v1.2.3', once)
      .option('--slots <n>', SLOTS, once)
      .option('--batch <n>', 'Number of specs in a batch (default: five seconds of them)', once)
      .option('--detach', "Print the run's id and exit; workers continue the run"),
    async (module, options) => (await import('./commands/run.js')).run(module, options),
  )

  runs(
    command(
      'resume <run> [module]',
      'Continue a run: finished batches are not repeated, damaged ones are',
      ['scythe resume latest'],
      INTERRUPT,
    )
      .option('--changed-code', 'Continue although the code has changed; receipts say which code made which rows')
      .option('--verify', 'Check all tables and parts against their checksums first, however large they are')
      .option('--slots <n>', SLOTS, once),
    async (run, module, options) => (await import('./commands/resume.js')).resume(run, module, options),
  )

  runs(command('list', 'List the runs of the store', ['scythe list --store s3://bucket/runs']), async (options) =>
    (await import('./commands/list.js')).list(options),
  )

  runs(
    command('status <run>', 'Show the progress of a run, and what it waits for', ['scythe status latest --json']),
    async (run, options) => (await import('./commands/status.js')).status(run, options),
  )

  runs(
    command('cancel <run>', 'Stop a run on an engine, on all its workers; finished batches are kept', [
      'scythe cancel latest',
    ]),
    async (run, options) => (await import('./commands/cancel.js')).cancel(run, options),
  )

  runs(
    command('results <run>', 'Print a table of results, or write it to a file', [
      'scythe results latest -o results.csv',
      'scythe results latest --table hourly --format jsonl',
    ])
      .option('--table <name>', 'Which table (default: scalars)', once)
      .option('--format <format>', 'csv (default), jsonl, parquet or arrow', once)
      .option(
        '-o, --output <file>',
        'Write to a file of the kind of its ending: .csv, .jsonl, .parquet or .arrow',
        once,
      )
      .option('--raw', RAW),
    async (run, options) => (await import('./commands/results.js')).results(run, options),
  )

  runs(
    command('errors <run>', 'Show which errors there were, how often, and of which specs', [
      'scythe errors latest',
      'scythe errors latest -o errors.csv',
    ])
      .option('--format <format>', 'Print every error, as csv, jsonl, parquet or arrow', once)
      .option('-o, --output <file>', 'Write every error to a file of the kind of its ending', once)
      .option('--raw', RAW),
    async (run, options) => (await import('./commands/errors.js')).errors(run, options),
  )

  runs(
    command('schema', 'Write the zod schemas of a run, or of an io spec file, as TypeScript', [
      'scythe schema import latest -o facade.ts',
    ])
      .addArgument(new Argument('<action>').choices(['import']))
      .argument('<run>', 'A run, or the path of an io spec file')
      .option('--experiment <name>', "The experiment's name on the wire (default: the run's)", once)
      .option('-o, --output <file>', 'Write to a file', once),
    async (_action, run, options) => (await import('./commands/schema.js')).schema(run, options),
  )

  runs(
    command('worker [modules...]', 'Start a worker', ['scythe worker experiment.ts', 'scythe worker --show']).option(
      '--show',
      'Show every setting, its value and where it comes from',
    ),
    async (modules, options) => (await import('./commands/worker.js')).worker(modules, options),
  )

  runs(
    command('demo', 'Run the building-energy study', ['scythe demo --slots 2']).option('--slots <n>', SLOTS, once),
    async (options) => (await import('./commands/demo.js')).demo(options),
  )
  return program
}
