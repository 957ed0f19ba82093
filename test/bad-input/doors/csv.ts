import type { Door } from '../door.js'
import { type GivenSpecs, takeSpecs } from './specs.js'

const csv = (text: string | Uint8Array, options: Omit<GivenSpecs, 'files'> = {}): GivenSpecs => ({
  files: { 'a.csv': text },
  ...options,
})
const tsv = (text: string): GivenSpecs => ({ files: { 'a.tsv': text } })
const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)))

export const csvDoor: Door<GivenSpecs> = {
  title: 'CSV',
  code: 'SPECS_UNREADABLE',
  take: takeSpecs,
  cases: [
    {
      what: 'a row with more values than the header',
      given: csv('n,rate\n1,2\n2,3,4\n'),
      says: 'The specs in a.csv cannot be read: line 3 has 3 values, and the header 2 columns.',
    },
    {
      what: 'a row with fewer values than the header',
      given: csv('n,rate,city\n1,2,denver\n\n2,3\n'),
      says: 'The specs in a.csv cannot be read: line 4 has 2 values, and the header 3 columns.',
    },
    {
      what: 'a quote that is not closed',
      given: csv('n,city\n1,"denver\n2,tucson\n'),
      says: 'The specs in a.csv cannot be read: line 2 has a value whose quote is not closed.',
    },
    {
      what: 'a quote within a value',
      given: csv('n,city\n1,denver\n2,de"nver\n'),
      says: 'The specs in a.csv cannot be read: line 3 has a quote within a value: put the value in quotes, and double the quotes within it.',
    },
    {
      what: 'text behind a closing quote',
      given: csv('n,city\n1,"denver" x\n'),
      says: 'The specs in a.csv cannot be read: line 2 has text after a value in quotes: double the quotes within the value.',
    },
    {
      what: 'a column without a name, as row numbers of pandas',
      given: csv(',n\n0,1\n1,2\n'),
      says: 'The specs in a.csv cannot be read: column 1 of its header has no name. Name it, or leave it out (pandas: index=False, R: row.names = FALSE).',
    },
    {
      what: 'a column twice',
      given: csv('n,rate,n\n1,2,3\n'),
      says: 'The specs in a.csv cannot be read: its header has the column n twice.',
    },
    {
      what: 'an empty file',
      given: csv(''),
      code: 'SPECS_MISSING',
      says: 'walls received no specs: there are no rows in a.csv. Pass at least one.',
    },
    {
      what: 'a header alone',
      given: csv('n,rate\n'),
      code: 'SPECS_MISSING',
      says: 'walls received no specs: there are no rows in a.csv. Pass at least one.',
    },
    {
      what: 'blank lines alone',
      given: csv('\n\n,,\n'),
      code: 'SPECS_MISSING',
      says: 'walls received no specs: there are no rows in a.csv. Pass at least one.',
    },
    {
      what: 'bytes of Latin-1',
      given: csv(bytes('n,city\n1,denver\n2,', [0x54, 0xfc], '\n')),
      says: 'The specs in a.csv cannot be read: line 3 is not in UTF-8 (about its byte 0xfc). Save the file as UTF-8 (Excel: "CSV UTF-8", a shell: iconv), or name its encoding, as --encoding windows-1252.',
    },
    {
      what: 'bytes of Latin-1 in the header',
      given: csv(bytes('n,gr', [0xf6, 0xdf], 'e\n1,2\n')),
      says: 'The specs in a.csv cannot be read: line 1 is not in UTF-8 (about its byte 0xf6). Save the file as UTF-8 (Excel: "CSV UTF-8", a shell: iconv), or name its encoding, as --encoding windows-1252.',
    },
    {
      what: 'UTF-16 without a byte order mark',
      given: csv(Buffer.from('n,city\n1,denver\n', 'utf16le')),
      says: 'The specs in a.csv cannot be read: its header has bytes that are zero. If the file is in UTF-16, say so: --encoding utf-16le.',
    },
    {
      what: 'UTF-16 that ends in half a character',
      given: csv(bytes([0xff, 0xfe, 0x6e, 0x00, 0x0a])),
      says: "The specs in a.csv cannot be read: line 1 is not in utf-16le. Name the file's encoding by --encoding, or save it as UTF-8.",
    },
    {
      what: 'another encoding than --encoding says',
      given: csv(bytes('n\n1\n', [0x81, 0x20]), { encoding: 'shift_jis' }),
      says: "The specs in a.csv cannot be read: line 3 is not in shift_jis. Name the file's encoding by --encoding, or save it as UTF-8.",
    },
    {
      what: 'an encoding that does not exist',
      given: csv('n\n1\n', { encoding: 'utf-7' }),
      code: 'USAGE',
      says: 'Expected --encoding to be the name of an encoding such as utf-8, utf-16le, utf-16be, windows-1252, iso-8859-2, macintosh, gb18030 or shift_jis, got utf-7.',
    },
    {
      what: 'a delimiter of two characters',
      given: csv('n\n1\n', { delimiter: '||' }),
      code: 'USAGE',
      says: "Expected --delimiter to be one character, as ';', or tab, got ||.",
    },
    {
      what: 'a quote as delimiter',
      given: csv('n\n1\n', { delimiter: '"' }),
      code: 'USAGE',
      says: "Expected --delimiter to be one character, as ';', or tab, got \".",
    },
    {
      what: 'a misspelt column',
      given: csv('n,raet\n1,2\n2,3\n'),
      code: 'SPECS_INVALID',
      says: '2 specs do not fit the input of walls; nothing was started.\n  field raet: 2 rows, first in line 2: Unknown field; did you mean rate? (got "2")',
    },
    {
      what: 'a column that nothing is like',
      given: csv('n,colour\n1,red\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field colour: Unknown field; remove it, or use --extra ignore or keep (a z.looseObject() in a script) (got "red")',
    },
    {
      what: 'a column with a name of 1,000 letters',
      given: csv(`n,${'colour'.repeat(200)}\n1,red\n`),
      code: 'SPECS_INVALID',
      says: `1 spec does not fit the input of walls; nothing was started.\n  line 2, field ${'colour'.repeat(49)}col...: Unknown field; remove it, or use --extra ignore or keep (a z.looseObject() in a script) (got "red")`,
    },
    {
      what: 'the delimiter of another country than the header',
      given: csv('n;rate\n1;2\n2,5;3\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 3, field n: Invalid input: expected int, received number (got 2.5)',
    },
    {
      what: 'text in a column of integers',
      given: csv('n\n1\nmany\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 3, field n: Invalid input: expected number, received string (got "many")',
    },
    {
      what: 'a fraction in a column of integers',
      given: csv('n\n1.5\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field n: Invalid input: expected int, received number (got 1.5)',
    },
    {
      what: 'a blank in a column that is needed',
      given: csv('n,rate\n,1\n2,2\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field n: Invalid input: expected number, received null (got null)',
    },
    {
      what: 'a number that is too large',
      given: csv('n\n101\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field n: Too big: expected number to be <=100 (got 101)',
    },
    {
      what: 'a word that is not of an enum',
      given: csv('n,city\n1,boston\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field city: Invalid option: expected one of "denver"|"tucson" (got "boston")',
    },
    {
      what: 'another case than the enum has',
      given: csv('n,city\n1,Denver\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field city: Invalid option: expected one of "denver"|"tucson" (got "Denver")',
    },
    {
      what: 'a word for a boolean',
      given: csv('n,wet\n1,maybe\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field wet: Invalid input: expected boolean, received string (got "maybe")',
    },
    {
      what: 'times that do not exist, in many rows',
      given: csv(`n,when\n${'1,1/31/2026\n'.repeat(15)}`),
      code: 'SPECS_INVALID',
      says: '15 specs do not fit the input of walls; nothing was started.\n  field when: 15 rows, first in line 2: Invalid input: expected date, received string (got "1/31/2026")',
    },
    {
      what: 'a day that does not exist',
      given: csv('n,day\n1,2026-02-30\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field day: Invalid ISO date (got "2026-02-30")',
    },
    {
      what: 'JSON that is cut off in a column of lists',
      given: csv('n,layers\n1,"[{""thick"": 1}"\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field layers: Invalid input: expected array, received string (got "[{\\"thick\\": 1}")',
    },
    {
      what: 'a wrong value deep in a column of lists',
      given: csv('n,layers\n1,"[{""thick"": 1}, {""thick"": -1}]"\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field layers[1].thick: Too small: expected number to be >0 (got -1)',
    },
    {
      what: 'a row behind a value of two lines: the line is the one that an editor shows',
      given: csv('n,city\n1,"denver\n\n"\nx,tucson\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 5, field n: Invalid input: expected number, received string (got "x")',
    },
    {
      what: 'decimal commas and decimal points in one table',
      given: csv('n;rate\n1;2,5\n2;2.5\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 3, field rate: Invalid input: expected number, received string (got "2.5")',
    },
    {
      what: 'an address that is not one',
      given: csv('n,weather\n1,s3://bucket\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field weather: Expected the path of a local file, or an s3://, http(s):// or file:// address (got "s3://bucket")',
    },
    {
      what: 'a line without end',
      given: csv(`n,city\n1,"${'x'.repeat(2 ** 24 + 1)}`),
      says: 'The specs in a.csv cannot be read: line 2 begins a row of more than 16 million characters: close its quote, or put content that long into a file of its own.',
    },
    {
      what: 'a row of TSV with too few values',
      given: tsv('n\trate\n1\n'),
      says: 'The specs in a.tsv cannot be read: line 2 has 1 value, and the header 2 columns.',
    },
    {
      what: 'TSV with text in a column of numbers',
      given: tsv('n\trate\n1\tfast\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field rate: Invalid input: expected number, received string (got "fast")',
    },
    {
      what: 'TSV with an unknown column',
      given: tsv('n\tcitty\n1\tdenver\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field citty: Unknown field; did you mean city? (got "denver")',
    },
  ],
}
