#!/usr/bin/env node
import { cac } from 'cac'
import { runCommandLine } from './command-line.js'

const cli = cac('scythe')
cli.option(
  '--store <address>',
  'Where runs live: s3://bucket/prefix or a folder (default: SCYTHE_STORAGE_…, else .scythe)',
)
cli.option('--json', 'Print one JSON object and nothing else')
cli.option('--verbose', 'Print stacks of errors')

cli
  .command('run <module>', 'Run an experiment over a table of specs')
  .option('--specs <file>', 'CSV, JSON lines or Parquet; - for JSON lines from stdin')
  .option('--experiment <name>', 'Which one, where the module has several')
  .option('--version <v>', 'bumpmajor (default), bumpminor, bumppatch, keep, or v1.2.3')
  .option('--slots <n>', 'Processes at a time, on the local engine (default: one a CPU)')
  .option('--batch <n>', 'Specs in a batch (default: five seconds of them)')
  .option('--detach', 'Print the id of the run and end; workers go on with it')
  .example('scythe run experiment.ts --specs specs.csv')
  .action(async (module, options) => (await import('./commands/run.js')).run(module, options))

cli
  .command('resume <run> [module]', 'Go on with a run: what is done is not done again')
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
  .option('--format <format>', 'csv (default) or jsonl')
  .option('-o, --output <file>', 'Write to a file')
  .example('scythe results latest -o results.csv')
  .action(async (run, options) => (await import('./commands/results.js')).results(run, options))

cli
  .command('errors <run>', 'Show which errors there were, how often, and of which specs')
  .option('--format <format>', 'Every one of them, as csv or jsonl')
  .option('-o, --output <file>', 'Write every one of them to a file')
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

await runCommandLine(cli, process.argv.slice(2))
