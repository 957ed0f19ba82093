import { rmdirSync, rmSync } from 'node:fs'
import { allocateRun } from '../../../src/run/allocate.js'
import { createFolderStore } from '../../../src/store/folder.js'
import type { Door } from '../door.js'
import { EXPERIMENT } from '../experiment.js'

interface Given {
  readonly specs: Iterable<unknown>
  readonly version?: string
}
const of = (...specs: unknown[]): Given => ({ specs })
const cycle: Record<string, unknown> = { n: 1 }
cycle.layers = [cycle]

function* failing() {
  yield { n: 1 }
  throw new Error('the database has gone away')
}

/** What is left of a run shows: all but the store's own folder for what is unfinished. */
export const allocateDoor: Door<Given> = {
  title: '`allocate`',
  code: 'SPECS_INVALID',
  async take({ specs, version = 'bumpmajor' }, folder) {
    const store = createFolderStore({ path: `${folder}/store` })
    try {
      await allocateRun(
        store,
        'walls',
        EXPERIMENT,
        specs,
        { version, batch: undefined, recursionMap: undefined },
        false,
      )
    } finally {
      rmSync(`${folder}/store/.unfinished`, { recursive: true, force: true })
      for (const name of ['store/walls', 'store']) removeEmpty(`${folder}/${name}`)
    }
  },
  cases: [
    { what: 'no specs', given: of(), code: 'SPECS_MISSING', says: 'walls received no specs. Pass at least one.' },
    {
      what: 'a number instead of a spec',
      given: of({ n: 1 }, 7),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 1: Invalid input: expected object, received number (got 7)',
    },
    {
      what: 'nothing instead of a spec',
      given: of(null),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0: Invalid input: expected object, received null (got null)',
    },
    {
      what: 'a list instead of a spec',
      given: of([1]),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0: Invalid input: expected object, received array (got [1])',
    },
    {
      what: 'a field that is missing',
      given: of({ rate: 1 }),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field n: Invalid input: expected number, and it is missing',
    },
    {
      what: 'NaN',
      given: of({ n: 1, rate: Number.NaN }),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field rate: Invalid input: expected number, received NaN (got NaN)',
    },
    {
      what: 'Infinity',
      given: of({ n: 1, rate: Number.POSITIVE_INFINITY }),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field rate: Invalid input: expected number, received Infinity (got Infinity)',
    },
    {
      what: 'an integer that is not safe',
      given: of({ n: 2 ** 53 }),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field n: Too big: expected int to be <=9007199254740991 (got 9007199254740992)\n  row 0, field n: Too big: expected number to be <=100 (got 9007199254740992)',
    },
    {
      what: 'a bigint for a number',
      given: of({ n: 1n }),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field n: Invalid input: expected number, received bigint (got 1n)',
    },
    {
      what: 'a text for a time',
      given: of({ n: 1, when: 'noon' }),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field when: Invalid input: expected date, received string (got "noon")',
    },
    {
      what: 'a time that is not one',
      given: of({ n: 1, when: new Date(Number.NaN) }),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field when: Invalid input: expected date, received Date (got the Date Invalid)',
    },
    {
      what: 'a misspelt field',
      given: of({ n: 1, cty: 'denver' }),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field cty: Unknown field; did you mean city? (got "denver")',
    },
    {
      what: 'a list that contains itself',
      given: of(cycle),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field layers[0].thick: Invalid input: expected number, and it is missing',
    },
    {
      what: 'a function',
      given: of({ n: () => 1 }),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field n: Invalid input: expected number, received function (got the function n)',
    },
    {
      what: 'a field that throws when it is read',
      given: of({
        get n() {
          throw new Error('not today')
        },
      }),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0: It cannot be read, or a check or transform of the schema threw: not today',
    },
    {
      what: 'an empty path of a file',
      given: of({ n: 1, weather: '' }),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field weather: Expected the path or address of a file, got an empty text (got "")',
    },
    {
      what: 'an address of a file on another machine',
      given: of({ n: 1, weather: 'file://host/a.epw' }),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field weather: Expected the URL of a file on this machine, as file:///data/a%20b.epw with %23 for # and %25 for %; a path needs no escaping (got "file://host/a.epw")',
    },
    {
      what: 'an address of a kind that is not known',
      given: of({ n: 1, weather: 'ftp://host/a.epw' }),
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 0, field weather: Expected the path of a local file, or an s3://, http(s):// or file:// address (got "ftp://host/a.epw")',
    },
    {
      what: 'a file that is not there',
      given: of({ n: 1 }, { n: 2, weather: 'no.epw' }),
      code: 'FILE_MISSING',
      says: 'The file of row 1, field weather, cannot be read: <folder>/no.epw is not there.',
    },
    {
      what: 'a folder in the place of a file',
      given: of({ n: 1, weather: '.' }),
      code: 'FILE_MISSING',
      says: 'The file of row 0, field weather, cannot be read: <folder> (it is not a file).',
    },
    {
      what: 'an iterable that throws',
      given: { specs: failing() },
      code: 'undefined',
      exit: 1,
      says: 'the database has gone away',
    },
    {
      what: 'a version that is not one',
      given: { specs: [{ n: 1 }], version: '1.2' },
      code: 'VERSION_INVALID',
      says: 'Expected version to be v1.2.3, bumpmajor, bumpminor, bumppatch or keep, got "1.2".',
    },
    {
      what: 'a version that none can follow',
      given: { specs: [{ n: 1 }], version: 'v9007199254740991.0.0' },
      code: 'VERSION_INVALID',
      says: 'Expected version to be v1.2.3, bumpmajor, bumpminor, bumppatch or keep, got "v9007199254740991.0.0".',
    },
    {
      what: 'a strategy that does not exist',
      given: { specs: [{ n: 1 }], version: 'bump' },
      code: 'VERSION_INVALID',
      says: 'Expected version to be v1.2.3, bumpmajor, bumpminor, bumppatch or keep, got "bump".',
    },
  ],
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // Something is in it, which shows, or it is not there.
  }
}
