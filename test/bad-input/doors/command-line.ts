import { dispatch } from '../../../src/cli/command-line.js'
import type { Door } from '../door.js'

const words = (text: string) => text.split(' ')

export const commandLineDoor: Door<readonly string[]> = {
  title: 'The command line',
  code: 'USAGE',
  files: () => ({ 'a.csv': 'n\n1\n', 'x.mjs': '' }),
  take: (given) => dispatch(given),
  cases: [
    {
      what: 'a misspelt command',
      given: ['stauts'],
      says: "unknown command 'stauts'\n(Did you mean status?)\nUsage: scythe <command> [options]; `scythe --help` shows the commands.",
    },
    {
      what: 'a command that nothing is like',
      given: ['frobnicate'],
      says: "unknown command 'frobnicate'\nUsage: scythe <command> [options]; `scythe --help` shows the commands.",
    },
    {
      what: 'an option before the command',
      given: words('--json list'),
      says: "unknown option '--json'\nUsage: scythe <command> [options]; `scythe --help` shows the commands.",
    },
    {
      what: 'a misspelt option',
      given: words('run x.mjs --spces a.csv'),
      says: "unknown option '--spces'\n(Did you mean --specs?)\n`scythe run --help` shows its options.",
    },
    {
      what: 'an option of another command',
      given: words('list --specs a.csv'),
      says: "unknown option '--specs'\n`scythe list --help` shows its options.",
    },
    {
      what: 'a short option that does not exist',
      given: words('results latest -q'),
      says: "unknown option '-q'\n`scythe results --help` shows its options.",
    },
    {
      what: 'an option without its value',
      given: words('run x.mjs --specs'),
      says: "option '--specs <file>' argument missing\n`scythe run --help` shows its options.",
    },
    {
      what: 'an option whose value is the next option',
      given: words('run x.mjs --specs --json'),
      says: "option '--specs <file>' argument '--json' is invalid. The option needs a value.\n`scythe run --help` shows its options.",
    },
    {
      what: 'an empty value',
      given: ['run', 'x.mjs', '--specs', ''],
      says: "option '--specs <file>' argument '' is invalid. The option needs a value.\n`scythe run --help` shows its options.",
    },
    {
      what: 'an option twice',
      given: words('run x.mjs --specs a.csv --slots 1 --slots 2'),
      says: "option '--slots <n>' argument '2' is invalid. The option is given twice.\n`scythe run --help` shows its options.",
    },
    {
      what: 'a value for an option that takes none',
      given: words('list --json=yes'),
      says: "unknown option '--json=yes'\n`scythe list --help` shows its options.",
    },
    {
      what: 'no module',
      given: ['run'],
      says: "missing required argument 'module'\n`scythe run --help` shows its options.",
    },
    {
      what: 'no run',
      given: ['status'],
      says: "missing required argument 'run'\n`scythe status --help` shows its options.",
    },
    {
      what: 'too many words',
      given: words('status latest again'),
      says: "too many arguments for 'status'. Expected 1 argument but got 2.\n`scythe status --help` shows its options.",
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
      says: "command-argument value 'export' is invalid for argument 'action'. Allowed choices are import.\n`scythe schema --help` shows its options.",
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
      code: 'STORE_ADDRESS_INVALID',
      says: 'Expected a store to be s3://bucket/prefix, file:///folder or a path, got "gs://bucket".',
    },
    {
      what: 'a store of S3 without a bucket',
      given: words('list --store s3://'),
      code: 'STORE_ADDRESS_INVALID',
      says: 'Expected a store to be s3://bucket/prefix, file:///folder or a path, got "s3://".',
    },
    {
      what: 'an address of a store that has a query',
      given: words('list --store file:///tmp/x?y=1'),
      code: 'STORE_ADDRESS_INVALID',
      says: 'Expected a store to be s3://bucket/prefix, file:///folder or a path, got "file:///tmp/x?y=1".',
    },
    {
      what: 'an option of a worker that does not exist',
      given: words('worker --bogus'),
      says: "unknown option '--bogus'\n`scythe worker --help` shows its options.",
    },
    {
      what: 'a folder of modules that is not there',
      given: words('worker no/modules'),
      code: 'MODULE_NOT_LOADED',
      says: 'no/modules could not be loaded: there is no such file.',
    },
  ],
}
