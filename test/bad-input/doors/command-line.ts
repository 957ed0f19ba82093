import { dispatch } from '../../../src/cli/command-line.js'
import { scytheCommands } from '../../../src/cli/commands.js'
import type { Door } from '../door.js'

const words = (text: string) => text.split(' ')

export const commandLineDoor: Door<readonly string[]> = {
  title: 'The command line',
  code: 'USAGE',
  files: () => ({ 'a.csv': 'n\n1\n', 'x.mjs': '' }),
  take: (given) => dispatch(scytheCommands(), given),
  cases: [
    { what: 'a misspelt command', given: ['stauts'], says: 'There is no command stauts. Did you mean status?' },
    {
      what: 'a command that nothing is like',
      given: ['frobnicate'],
      says: 'There is no command frobnicate. The commands are run, resume, list, status, cancel, results, errors, schema, worker, demo.',
    },
    {
      what: 'an option before the command',
      given: words('--json list'),
      says: 'Expected a command before --json, as in scythe run --json.',
    },
    {
      what: 'a misspelt option',
      given: words('run x.mjs --spces a.csv'),
      says: 'scythe run has no option --spces. Did you mean --specs?',
    },
    {
      what: 'an option of another command',
      given: words('list --specs a.csv'),
      says: 'scythe list has no option --specs. `scythe list --help` shows what there is.',
    },
    {
      what: 'a short option that does not exist',
      given: words('results latest -q'),
      says: 'scythe results has no option -q. `scythe results --help` shows what there is.',
    },
    {
      what: 'an option without its value',
      given: words('run x.mjs --specs'),
      says: '--specs needs a value: --specs <file...>.',
    },
    {
      what: 'an option whose value is the next option',
      given: words('run x.mjs --specs --json'),
      says: '--specs needs a value: --specs <file...>.',
    },
    {
      what: 'an empty value',
      given: ['run', 'x.mjs', '--specs', ''],
      says: '--specs needs a value: --specs <file...>.',
    },
    {
      what: 'an option twice',
      given: words('run x.mjs --specs a.csv --slots 1 --slots 2'),
      says: '--slots is given twice.',
    },
    {
      what: 'a value for an option that takes none',
      given: words('list --json=yes'),
      says: '--json takes no value, got yes.',
    },
    { what: 'no module', given: ['run'], says: 'scythe run needs <module>: scythe run <module>' },
    { what: 'no run', given: ['status'], says: 'scythe status needs <run>: scythe status <run>' },
    {
      what: 'too many words',
      given: words('status latest again'),
      says: 'scythe status does not take the word again: scythe status <run>',
    },
    {
      what: 'no specs',
      given: words('run x.mjs'),
      says: 'scythe run needs --specs: a CSV, JSON, Parquet or Excel file, or - for stdin; or --grid or --sample, which make specs.',
    },
    {
      what: 'two kinds of specs',
      given: words('run x.mjs --specs a.csv --grid n=1'),
      says: 'Only one of --specs, --grid and --sample can say what the specs are.',
    },
    {
      what: '--seed without --sample',
      given: words('run x.mjs --specs a.csv --seed 1'),
      says: '--seed belongs to --sample.',
    },
    {
      what: '--delimiter without --specs',
      given: words('run x.mjs --grid n=1 --delimiter ;'),
      says: '--delimiter belongs to --specs.',
    },
    {
      what: '--encoding without --specs',
      given: words('run x.mjs --sample lhs:3 --encoding utf-8'),
      says: '--encoding belongs to --specs.',
    },
    {
      what: 'no slots',
      given: words('run x.mjs --specs a.csv --slots 0'),
      says: 'Expected --slots to be a whole number of 1 or more, got 0.',
    },
    {
      what: 'slots in words',
      given: words('run x.mjs --specs a.csv --slots all'),
      says: 'Expected --slots to be a whole number of 1 or more, got all.',
    },
    {
      what: 'half a batch',
      given: words('run x.mjs --specs a.csv --batch 0.5'),
      says: 'Expected --batch to be a whole number of 1 or more, got 0.5.',
    },
    {
      what: 'a negative limit',
      given: words('run x.mjs --specs a.csv --limit=-1'),
      says: 'Expected --limit to be a whole number of 1 or more, got -1.',
    },
    {
      what: 'a limit that is too large for a number',
      given: words('run x.mjs --specs a.csv --limit 99999999999999999999'),
      says: 'Expected --limit to be a whole number of 1 or more, got 99999999999999999999.',
    },
    {
      what: 'an action of schema that does not exist',
      given: words('schema export latest'),
      says: 'There is no scythe schema export. Write: scythe schema import <run>',
    },
    {
      what: 'an ending of -o that is not known',
      given: words('results latest -o x.ods'),
      says: 'Expected -o to end in .csv, .jsonl, .ndjson, .parquet, .pq, .arrow, got x.ods. For another name add --format.',
    },
    {
      what: 'a module that is not there',
      given: words('run y.mjs --specs a.csv'),
      code: 'MODULE_NOT_LOADED',
      says: 'y.mjs could not be loaded: there is no such file.',
    },
    {
      what: 'a store of a kind that is not known',
      given: words('list --store gs://bucket'),
      code: 'INVALID_STORE_ADDRESS',
      says: 'Expected a store to be s3://bucket/prefix, file:///folder or a path, got "gs://bucket".',
    },
    {
      what: 'a store of S3 without a bucket',
      given: words('list --store s3://'),
      code: 'INVALID_STORE_ADDRESS',
      says: 'Expected a store to be s3://bucket/prefix, file:///folder or a path, got "s3://".',
    },
    {
      what: 'an address of a store that has a query',
      given: words('list --store file:///tmp/x?y=1'),
      code: 'INVALID_STORE_ADDRESS',
      says: 'Expected a store to be s3://bucket/prefix, file:///folder or a path, got "file:///tmp/x?y=1".',
    },
    {
      what: 'an option of a worker that does not exist',
      given: words('worker --bogus'),
      says: 'scythe worker has no option --bogus. `scythe worker --help` shows what there is.',
    },
    {
      what: 'a folder of modules that is not there',
      given: words('worker no/modules'),
      code: 'MODULE_NOT_LOADED',
      says: 'no/modules could not be loaded: there is no such file.',
    },
  ],
}
