import { RUN } from '../../../tools/fuzz/doors/run-files.js'
import type { Door } from '../door.js'
import { type Given, RUNS_DOOR } from './damaged-run.js'

export const runsDoor: Door<Given> = {
  title: 'Runs',
  ...RUNS_DOOR,
  cases: [
    {
      what: 'a run that does not exist',
      given: { words: 'status walls/v1.0.0/2026-01-31_12-00-00' },
      code: 'RUN_NOT_FOUND',
      says: 'There is no run walls/v1.0.0/2026-01-31_12-00-00 in file://<folder>/.scythe. It could be one of fuzzed/v1.0.0/2026-01-31_12-00-00.',
    },
    {
      what: 'a misspelt run',
      given: { words: `status ${RUN.replace('fuzzed', 'fuzzd')}` },
      code: 'RUN_NOT_FOUND',
      says: 'There is no run fuzzd/v1.0.0/2026-01-31_12-00-00 in file://<folder>/.scythe. It could be one of fuzzed/v1.0.0/2026-01-31_12-00-00.',
    },
    {
      what: 'a store without runs',
      given: { words: 'results latest --store empty' },
      code: 'RUN_NOT_FOUND',
      says: 'There is no run latest in file://<folder>/empty. `scythe list --store empty` shows what is there.',
    },
    {
      what: 'an ending that two runs have',
      given: { words: 'status 01-31_12-00-00' },
      code: 'RUN_AMBIGUOUS',
      says: 'Several runs end in 01-31_12-00-00:\n  walls/fuzzed/v1.0.0/2025-01-31_12-00-00\n  fuzzed/v1.0.0/2026-01-31_12-00-00',
    },
    {
      what: 'a table that the run has not',
      given: { words: 'results latest --table days' },
      code: 'TABLE_NOT_FOUND',
      says: 'fuzzed/v1.0.0/2026-01-31_12-00-00 has no table days. It has scalars, errors.',
    },
    {
      what: 'a format that does not exist',
      given: { words: 'results latest --format xml' },
      code: 'USAGE',
      says: 'Expected --format to be csv, jsonl, parquet or arrow, got xml.',
    },
    {
      what: 'Parquet on a terminal',
      given: { words: 'results latest --format parquet' },
      code: 'USAGE',
      says: 'parquet is not text: add -o <file>.',
    },
    {
      what: 'a format that the ending contradicts',
      given: { words: 'results latest --format csv -o x.parquet' },
      code: 'USAGE',
      says: 'x.parquet would be parquet by its ending, and --format says csv: change one of them.',
    },
    {
      what: '--raw for another format than CSV',
      given: { words: 'results latest --raw -o x.jsonl' },
      code: 'USAGE',
      says: '--raw means something for csv alone, not for jsonl.',
    },
    {
      what: 'a folder as output',
      given: { words: 'results latest --format csv -o .scythe' },
      code: 'USAGE',
      says: '.scythe is a folder: name a file in it.',
    },
    {
      what: 'an address as output',
      given: { words: 'results latest -o s3://bucket/x.csv' },
      code: 'USAGE',
      says: 'Expected -o to be a path, got s3://bucket/x.csv. Write a file, and copy it there.',
    },
    {
      what: 'an output below what is not a folder',
      given: { words: 'results latest -o /dev/null/x.csv' },
      code: 'USAGE',
      says: '/dev/null/x.csv cannot be written (ENOTDIR): name a file in a folder that you may write to.',
    },
  ],
}
