import { RUN, TABLES, VALUES } from '../../../tools/fuzz/doors/run-files.js'
import type { Door } from '../door.js'
import { CUT, changed, FILE, FOLDER, type Given, RUNS_DOOR } from './damaged-run.js'

export const runObjectsDoor: Door<Given> = {
  title: 'Objects of runs',
  ...RUNS_DOOR,
  cases: [
    {
      what: 'no manifest',
      given: { words: `status ${RUN}`, damage: { 'manifest.yml': undefined } },
      code: 'RUN_INCOMPLETE',
      says: 'The allocation of fuzzed/v1.0.0/2026-01-31_12-00-00 did not end, so it cannot be run. Allocate its specs again.',
    },
    {
      what: 'a manifest that is not YAML',
      given: { words: `status ${RUN}`, damage: { 'manifest.yml': 'a: [1\nb: }' } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/manifest.yml cannot be read: it is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 2, column 1. Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'a manifest that is a list',
      given: { words: `status ${RUN}`, damage: { 'manifest.yml': '- 1\n' } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/manifest.yml cannot be read: Invalid input: expected object, received array. Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'a manifest without a field',
      given: { words: `status ${RUN}`, damage: { 'manifest.yml': { experiment_id: RUN } } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/manifest.yml cannot be read: workflow_run_id: Invalid input: expected string, and it is missing; experiment_name: Invalid input: expected string, and it is missing; specs_uri: Invalid input: expected string, and it is missing; and 1 more. Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'no allocation',
      given: { words: `resume ${RUN}`, damage: { 'allocation.json': undefined } },
      code: 'RUN_NOT_RESUMABLE',
      says: 'fuzzed/v1.0.0/2026-01-31_12-00-00 cannot be resumed: runs of Python Scythe and of workflows have no allocation.json, which says how. Allocate those of its specs that have no result as a run of their own: status() names them, specs() has them.',
    },
    {
      what: 'an allocation that is cut off',
      given: { words: `resume ${RUN}`, damage: { 'allocation.json': CUT } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: it is not valid JSON (Unterminated string in JSON at position 40). Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'an allocation of a newer Scythe',
      given: {
        words: `resume ${RUN}`,
        damage: { 'allocation.json': { ...(VALUES['allocation.json'] as object), format: 2 } },
      },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: it has the format 2, and this version of Scythe knows 1 only. Update Scythe.',
    },
    {
      what: 'an allocation with a field of another type',
      given: {
        words: `resume ${RUN}`,
        damage: { 'allocation.json': { ...(VALUES['allocation.json'] as object), specs: 'many' } },
      },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: specs: Invalid input: expected number, received string. Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'an allocation that does not fit its checksum',
      given: { words: `resume ${RUN}`, damage: { 'allocation.json': JSON.stringify({ format: 1, crc32: 7 }) } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: it does not fit its checksum. Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'an allocation that is not an object',
      given: { words: `resume ${RUN}`, damage: { 'allocation.json': 'null' } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: it is not a JSON object (got null). Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'an allocation that is null: status',
      given: { words: `status ${RUN}`, damage: { 'receipt.json': undefined, 'allocation.json': 'null' } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: it is not a JSON object (got null). Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'an allocation that is null: results',
      given: { words: `results ${RUN}`, damage: { 'receipt.json': undefined, 'allocation.json': 'null' } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: it is not a JSON object (got null). Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'an allocation that is a list: status',
      given: { words: `status ${RUN}`, damage: { 'receipt.json': undefined, 'allocation.json': '[]' } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: it is not a JSON object (got []). Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'an allocation that is a list: results',
      given: { words: `results ${RUN}`, damage: { 'receipt.json': undefined, 'allocation.json': '[]' } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: it is not a JSON object (got []). Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'an allocation that is a number: status',
      given: { words: `status ${RUN}`, damage: { 'receipt.json': undefined, 'allocation.json': '7' } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: it is not a JSON object (got 7). Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'an allocation that is a number: results',
      given: { words: `results ${RUN}`, damage: { 'receipt.json': undefined, 'allocation.json': '7' } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: it is not a JSON object (got 7). Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'code that lies elsewhere',
      given: { words: `resume ${RUN}` },
      code: 'USAGE',
      says: 'The run names /fuzzed.js as its code, and it lies outside of the project that this is, <folder>. If you trust it, name it yourself: scythe resume fuzzed/v1.0.0/2026-01-31_12-00-00 <module>',
    },
    {
      what: 'code that lies elsewhere than the store says',
      given: { words: `resume ${RUN} --store ./.scythe` },
      code: 'USAGE',
      says: 'The run names /fuzzed.js as its code, and it lies outside of the project that this is, <folder>. If you trust it, name it yourself: scythe resume fuzzed/v1.0.0/2026-01-31_12-00-00 <module> --store ./.scythe',
    },
    {
      what: 'code that is not in a file',
      given: {
        words: `resume ${RUN}`,
        damage: { 'allocation.json': { ...(VALUES['allocation.json'] as object), module: 'data:text/javascript,1' } },
      },
      code: 'USAGE',
      says: 'The run names data:text/javascript,1 as its code, and it is not a file. If you trust it, name it yourself: scythe resume fuzzed/v1.0.0/2026-01-31_12-00-00 <module>',
    },
    {
      what: 'a run that is not done',
      given: { words: `results ${RUN}`, damage: { 'receipt.json': undefined } },
      code: 'RUN_NOT_DONE',
      says: 'fuzzed/v1.0.0/2026-01-31_12-00-00 is not done, so it has no final tables yet. Wait for it, or resume it: scythe resume fuzzed/v1.0.0/2026-01-31_12-00-00',
    },
    {
      what: 'a run of a store of its own that is not done',
      given: { words: `results ${RUN} --store ./.scythe`, damage: { 'receipt.json': undefined } },
      code: 'RUN_NOT_DONE',
      says: 'fuzzed/v1.0.0/2026-01-31_12-00-00 is not done, so it has no final tables yet. Wait for it, or resume it: scythe resume fuzzed/v1.0.0/2026-01-31_12-00-00 --store ./.scythe',
    },
    {
      what: 'errors of a run of a store of its own that is not done',
      given: { words: `errors ${RUN} --store ./.scythe`, damage: { 'receipt.json': undefined } },
      code: 'RUN_NOT_DONE',
      says: 'fuzzed/v1.0.0/2026-01-31_12-00-00 is not done, so it has no final tables yet. Wait for it, or resume it: scythe resume fuzzed/v1.0.0/2026-01-31_12-00-00 --store ./.scythe',
    },
    {
      what: 'a receipt of a newer Scythe',
      given: {
        words: `results ${RUN}`,
        damage: { 'receipt.json': { ...(VALUES['receipt.json'] as object), format: 9 } },
      },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/receipt.json cannot be read: it has the format 9, and this version of Scythe knows 1 only. Update Scythe.',
    },
    {
      what: 'a final table that is missing',
      given: { words: `results ${RUN}`, damage: { 'final/scalars.pq': undefined } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/final/scalars.pq cannot be read: it is missing. Resume the run: what was lost is made again.',
    },
    {
      what: 'a final table that is shorter than it was',
      given: {
        words: `results ${RUN}`,
        damage: { 'final/scalars.pq': Buffer.from(TABLES['final/scalars.pq']!.subarray(0, 50)) },
      },
      exit: 1,
      says: "file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/final/scalars.pq cannot be read: it has 50 bytes, and the run's receipt says 5999. Resume the run: what was lost is made again.",
    },
    {
      what: 'a final table with another byte',
      given: { words: `results ${RUN}`, damage: { 'final/scalars.pq': changed('final/scalars.pq') } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/final/scalars.pq cannot be read: column y, page 0 of row group 0: its header, or that of a later page, does not fit its checksum. Resume the run with --verify (verify: true in a script): what is damaged is made again.',
    },
    {
      what: 'errors that are damaged',
      given: { words: `errors ${RUN}`, damage: { 'final/errors.pq': changed('final/errors.pq') } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/final/errors.pq cannot be read: column error_code, page 0 of row group 0: its header is damaged (its field 0 is of another type). Resume the run with --verify (verify: true in a script): what is damaged is made again.',
    },
    {
      what: 'a folder in the place of a final table: status',
      given: { words: `status ${RUN}`, damage: { 'final/scalars.pq': FOLDER } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/final/scalars.pq cannot be read: a folder stands in its place. Remove it and resume the run: what belongs there is made again.',
    },
    {
      what: 'a folder in the place of the receipt: status',
      given: { words: `status ${RUN}`, damage: { 'receipt.json': FOLDER } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/receipt.json cannot be read: a folder stands in its place. Remove it and resume the run: what belongs there is made again.',
    },
    {
      what: 'a folder in the place of the allocation: status',
      given: { words: `status ${RUN}`, damage: { 'receipt.json': undefined, 'allocation.json': FOLDER } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: a folder stands in its place. Remove it and put a copy of the file back, or allocate the specs again.',
    },
    {
      what: 'a folder in the place of a final table: results',
      given: { words: `results ${RUN}`, damage: { 'final/scalars.pq': FOLDER } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/final/scalars.pq cannot be read: a folder stands in its place. Remove it and resume the run: what belongs there is made again.',
    },
    {
      what: 'a folder in the place of the receipt: results',
      given: { words: `results ${RUN}`, damage: { 'receipt.json': FOLDER } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/receipt.json cannot be read: a folder stands in its place. Remove it and resume the run: what belongs there is made again.',
    },
    {
      what: 'a folder in the place of the allocation: results',
      given: { words: `results ${RUN}`, damage: { 'receipt.json': undefined, 'allocation.json': FOLDER } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: a folder stands in its place. Remove it and put a copy of the file back, or allocate the specs again.',
    },
    {
      what: 'a folder in the place of a final table: resume',
      given: { words: `resume ${RUN}`, damage: { 'final/scalars.pq': FOLDER } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/final/scalars.pq cannot be read: a folder stands in its place. Remove it and resume the run: what belongs there is made again.',
    },
    {
      what: 'a folder in the place of the receipt: resume',
      given: { words: `resume ${RUN}`, damage: { 'receipt.json': FOLDER } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/receipt.json cannot be read: a folder stands in its place. Remove it and resume the run: what belongs there is made again.',
    },
    {
      what: 'a folder in the place of the allocation: resume',
      given: { words: `resume ${RUN}`, damage: { 'receipt.json': undefined, 'allocation.json': FOLDER } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/allocation.json cannot be read: a folder stands in its place. Remove it and put a copy of the file back, or allocate the specs again.',
    },
    {
      what: 'a folder in the place of the plan',
      given: { words: `resume ${RUN}`, damage: { 'receipt.json': undefined, 'plan.json': FOLDER } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/plan.json cannot be read: a folder stands in its place. Remove it and resume the run: what belongs there is made again.',
    },
    {
      what: 'a folder in the place of the manifest',
      given: { words: `status ${RUN}`, damage: { 'manifest.yml': FOLDER } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/manifest.yml cannot be read: a folder stands in its place. Remove it and put a copy of the file back, or allocate the specs again.',
    },
    {
      what: 'a file in the place of the folder of tables',
      given: { words: `resume ${RUN}`, damage: { final: FILE } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/final cannot be read: a file stands in the place of this folder. Remove it and resume the run: what belongs there is made again.',
    },
    {
      what: 'no io spec',
      given: { words: `schema import ${RUN}`, damage: { 'experiment_io_spec.yml': undefined } },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/experiment_io_spec.yml cannot be read: it is not there. Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'an io spec of a run that is a text',
      given: { words: `schema import ${RUN}`, damage: { 'experiment_io_spec.yml': 'hello' } },
      code: 'EXPERIMENT_INVALID',
      says: 'Experiment fuzzed: the io spec is wrong: Invalid input: expected object, received string (got "hello").',
    },
    {
      what: 'specs that are missing',
      given: {
        words: `status ${RUN}`,
        damage: { 'receipt.json': undefined, 'allocation.json': undefined, 'specs.pq': undefined },
      },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/specs.pq cannot be read: it is not there. Nothing else has its content: put a copy back, or allocate the specs again.',
    },
    {
      what: 'specs that are cut off',
      given: {
        words: `status ${RUN}`,
        damage: { 'receipt.json': undefined, 'allocation.json': undefined, 'specs.pq': 'PAR1' },
      },
      exit: 1,
      says: 'file://<folder>/.scythe/fuzzed/v1.0.0/2026-01-31_12-00-00/specs.pq cannot be read: its 4 bytes do not end as those of a Parquet file: it is cut off, or not Parquet. Nothing else has its content: put a copy back, or allocate the specs again.',
    },
  ],
}
