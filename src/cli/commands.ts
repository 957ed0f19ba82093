import { type CAC, cac } from 'cac'

/** Returns what there is to type: every command, what it takes, and what it does, which is loaded if it is asked for. */
export function scytheCommands(): CAC {
  const cli = cac('scythe')
  cli.option(
    '--store <address>',
    'Where runs live: s3://bucket/prefix or a folder (default: SCYTHE_STORAGE_…, else .scythe)',
  )
  cli.option('--json', 'Print one JSON object and nothing else')
  cli.option('--verbose', 'Print stacks of errors')

  cli
    .command('run <module>', 'Run an experiment over a table of specs')
    .option('--specs <file...>', 'CSV, JSON, Parquet or .xlsx; a pattern, an address, or - for stdin; may be repeated')
    .option('--delimiter <char>', 'What divides values in CSV (default: what the header says)')
    .option('--encoding <name>', 'Of CSV and JSON that is not UTF-8, such as windows-1252')
    .option('--sheet <name>', 'Of an .xlsx: its name, or its number from 1 (default: the first)')
    .option(
      '--extra <what>',
      'Columns that the input does not name: refuse (default), ignore, or keep beside the results',
    )
    .option('--grid <values>', "Instead of a table, all combinations: 'r_value=1:5:0.5,city=denver|tucson'")
    .option('--sample <method>', 'Instead, specs over the ranges of the input: sobol:1000, lhs:1000 or random:1000')
    .option('--seed <n>', 'Of --sample by lhs and random (default: 0)')
    .option('--limit <n>', 'The first specs alone')
    .option('--dry-run', 'Check all specs, show five, and run three to say how long all would take; nothing is kept')
    .option('--experiment <name>', 'Which one, where the module has several')
    .option('--version <v>', 'bumpmajor (default), bumpminor, bumppatch, keep, or v1.2.3')
    .option('--slots <n>', 'Processes at a time, on the local engine (default: one a CPU)')
    .option('--batch <n>', 'Specs in a batch (default: five seconds of them)')
    .option('--detach', 'Print the id of the run and end; workers go on with it')
    .example('scythe run experiment.ts --specs specs.csv')
    .action(async (module, options) => (await import('./commands/run.js')).run(module, options))

  cli
    .command('resume <run> [module]', 'Go on with a run: what is done is not done again, what is damaged is')
    .option('--changed-code', 'Go on although the code has changed since: receipts say which rows came from which')
    .option('--verify', 'Read all tables and parts against their checksums first, however large')
    .option('--slots <n>', 'Processes at a time, on the local engine (default: one a CPU)')
    .example('scythe resume latest')
    .action(async (run, module, options) => (await import('./commands/resume.js')).resume(run, module, options))

  cli
    .command('list', 'List the runs of the store')
    .action(async (options) => (await import('./commands/list.js')).list(options))

  cli
    .command('status <run>', 'Show how far a run is, and what it waits for')
    .action(async (run, options) => (await import('./commands/status.js')).status(run, options))

  cli
    .command('cancel <run>', 'Stop a run on an engine, wherever its tasks are: what is done is kept')
    .action(async (run, options) => (await import('./commands/cancel.js')).cancel(run, options))

  cli
    .command('results <run>', 'Print a table of results, or write it to a file')
    .option('--table <name>', 'Which table (default: scalars)')
    .option('--format <format>', 'csv (default), jsonl, parquet or arrow')
    .option('-o, --output <file>', 'Write to a file, as its ending says: .csv, .jsonl, .parquet or .arrow')
    .option('--raw', 'Leave texts in CSV that a spreadsheet takes for formulas as they are')
    .example('scythe results latest -o results.csv')
    .action(async (run, options) => (await import('./commands/results.js')).results(run, options))

  cli
    .command('errors <run>', 'Show which errors there were, how often, and of which specs')
    .option('--format <format>', 'Every one of them, as csv, jsonl, parquet or arrow')
    .option('-o, --output <file>', 'Write every one of them to a file, as its ending says')
    .option('--raw', 'Leave texts in CSV that a spreadsheet takes for formulas as they are')
    .action(async (run, options) => (await import('./commands/errors.js')).errors(run, options))

  cli
    .command('schema <action> <run>', 'import: write the zod schemas of a run, or of an io spec file, as TypeScript')
    .option('--experiment <name>', "The experiment's name on the wire (default: the run's)")
    .option('-o, --output <file>', 'Write to a file')
    .example('scythe schema import latest -o facade.ts')
    .action(async (action, run, options) => (await import('./commands/schema.js')).schema(action, run, options))

  cli
    .command('worker [...modules]', 'Start a worker')
    .option('--show', 'Show every setting, its value and where it comes from')
    .action(async (modules, options) => (await import('./commands/worker.js')).worker(modules, options))

  cli
    .command('demo', 'Run the building-energy study')
    .option('--slots <n>', 'Processes at a time, on the local engine (default: one a CPU)')
    .action(async (options) => (await import('./commands/demo.js')).demo(options))
  return cli
}
