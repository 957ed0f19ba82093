import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { keepOutputFile } from '../../../src/execute/child/output-files.js'
import { OutputInvalidError } from '../../../src/execute/errors.js'
import { outputParser } from '../../../src/experiment/output.js'
import type { Door } from '../door.js'
import { EXPERIMENT } from '../experiment.js'

type Given = { readonly returned: unknown; readonly refuse?: boolean } | { readonly file: string }
const returned = (value: unknown): Given => ({ returned: value })
const refused = (value: unknown): Given => ({ returned: value, refuse: true })
const hours: unknown[] = []

export const outputDoor: Door<Given> = {
  title: 'What functions return',
  code: 'OUTPUT_INVALID',
  take(given, folder) {
    if ('file' in given) return keep(given.file, folder)
    const experiment = { ...EXPERIMENT, undeclaredFields: given.refuse ? ('refuse' as const) : ('warn' as const) }
    const parsed = outputParser(experiment)(given.returned)
    if ('problem' in parsed) throw new OutputInvalidError(parsed.problem)
  },
  cases: [
    {
      what: 'nothing',
      given: returned(undefined),
      exit: 1,
      says: 'Expected the function to return an object with energy, report, got undefined.',
    },
    {
      what: 'a number',
      given: returned(7),
      exit: 1,
      says: 'Expected the function to return an object with energy, report, got 7.',
    },
    {
      what: 'a list',
      given: returned([]),
      exit: 1,
      says: 'Expected the function to return an object with energy, report, got [].',
    },
    {
      what: 'a field that is missing',
      given: returned({ tables: { hours } }),
      exit: 1,
      says: 'The output does not fit: energy: Invalid input: expected number, and it is missing.',
    },
    {
      what: 'NaN',
      given: returned({ energy: Number.NaN, tables: { hours } }),
      exit: 1,
      says: 'The output does not fit: energy: Invalid input: expected number, received NaN (got NaN).',
    },
    {
      what: 'a text for a number',
      given: returned({ energy: '7', tables: { hours } }),
      exit: 1,
      says: 'The output does not fit: energy: Invalid input: expected number, received string (got "7").',
    },
    {
      what: 'a promise in a field',
      given: returned({ energy: Promise.resolve(1), tables: { hours } }),
      exit: 1,
      says: 'The output does not fit: energy: Invalid input: expected number, received Promise (got {}).',
    },
    {
      what: 'no tables',
      given: returned({ energy: 1 }),
      exit: 1,
      says: 'Expected tables to be an object with hours, got undefined.',
    },
    {
      what: 'tables that are a list',
      given: returned({ energy: 1, tables: [] }),
      exit: 1,
      says: 'Expected tables.hours to be a list of rows, got undefined.',
    },
    {
      what: 'a table that is missing',
      given: returned({ energy: 1, tables: {} }),
      exit: 1,
      says: 'Expected tables.hours to be a list of rows, got undefined.',
    },
    {
      what: 'a table that is not declared',
      given: returned({ energy: 1, tables: { hours, days: [] } }),
      exit: 1,
      says: 'The table days is not declared: expected hours.',
    },
    {
      what: 'a table that is an object',
      given: returned({ energy: 1, tables: { hours: {} } }),
      exit: 1,
      says: 'Expected tables.hours to be a list of rows, got {}.',
    },
    {
      what: 'a row that does not fit',
      given: returned({ energy: 1, tables: { hours: [{ load: 1 }, { load: 'x' }] } }),
      exit: 1,
      says: 'Row 1 of tables.hours does not fit: load: Invalid input: expected number, received string (got "x").',
    },
    {
      what: 'a misspelt field, if undeclared ones are refused',
      given: refused({ energy: 1, enrgy: 2, tables: { hours } }),
      exit: 1,
      says: 'The output has a field enrgy, which is not declared (option undeclaredFields). Did you mean energy?',
    },
    {
      what: 'an undeclared field of a row, if they are refused',
      given: refused({ energy: 1, tables: { hours: [{ load: 1, laod: 2 }] } }),
      exit: 1,
      says: 'Row 0 of tables.hours has a field laod, which is not declared (option undeclaredFields). Did you mean load?',
    },
    {
      what: 'an object that throws when it is read',
      given: returned(
        new Proxy(
          {},
          {
            ownKeys() {
              throw new Error('not today')
            },
          },
        ),
      ),
      exit: 1,
      says: 'The output does not fit: It cannot be read, or a check or transform of the schema threw: not today.',
    },
    {
      what: 'a file that is not there',
      given: { file: 'no.txt' },
      exit: 1,
      says: 'Expected the output field report to be the path of a file, but no.txt is not there.',
    },
    {
      what: 'a folder',
      given: { file: 'out' },
      exit: 1,
      says: 'Expected the output field report to be the path of a file, but out is a folder.',
    },
    {
      what: 'a device',
      given: { file: '/dev/null' },
      exit: 1,
      says: 'Expected the output field report to be the path of a file, but /dev/null is a device.',
    },
    {
      what: 'a file outside of its folder',
      given: { file: 'elsewhere.txt' },
      exit: 1,
      says: 'Expected the output field report to be the path of a file, but elsewhere.txt lies outside of ctx.tempdir: write it there, or name its folder in the option outputFolders.',
    },
    {
      what: 'the address of a file on another machine',
      given: { file: 'file://host/a.txt' },
      exit: 1,
      says: 'Expected the output field report to be the path of a file, but file://host/a.txt is not there.',
    },
  ],
}

function keep(file: string, folder: string): void {
  mkdirSync(`${folder}/out`)
  writeFileSync(`${folder}/elsewhere.txt`, 'x')
  const ctx = { sortIndex: 0, attempt: 1, owns: (path: string) => path.startsWith(`${folder}/out/`) }
  const batch = { single: false, resultFiles: { attempt: 'a', folder: `file://${folder}` } }
  try {
    keepOutputFile(batch as never, 'report', file, ctx, `${folder}/outbox`)
  } finally {
    for (const name of ['out', 'elsewhere.txt', 'outbox']) rmSync(`${folder}/${name}`, { recursive: true, force: true })
  }
}
