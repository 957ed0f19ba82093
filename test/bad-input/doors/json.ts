import type { Door } from '../door.js'
import { type GivenSpecs, takeSpecs } from './specs.js'

const lines = (text: string | Uint8Array): GivenSpecs => ({ files: { 'a.jsonl': text } })
const list = (text: string | Uint8Array): GivenSpecs => ({ files: { 'a.json': text } })

export const jsonDoor: Door<GivenSpecs> = {
  title: 'JSON',
  code: 'SPECS_UNREADABLE',
  take: takeSpecs,
  cases: [
    {
      what: 'a line that is cut off',
      given: lines('{"n": 1}\n{"n": \n'),
      says: 'The specs in a.jsonl cannot be read: line 2 is not valid JSON (Unexpected end of JSON input).',
    },
    {
      what: 'a line with NaN',
      given: lines('{"n": 1}\n{"n": NaN}\n'),
      says: 'The specs in a.jsonl cannot be read: line 2 is not valid JSON (Unexpected token \'N\', "{"n": NaN}" is not valid JSON). JSON has no NaN and no Infinity: write null.',
    },
    {
      what: 'a line with Infinity',
      given: lines('{"n": 1, "rate": -Infinity}\n'),
      says: 'The specs in a.jsonl cannot be read: line 1 is not valid JSON (No number after minus sign in JSON at position 18). JSON has no NaN and no Infinity: write null.',
    },
    {
      what: 'a line with single quotes',
      given: lines("{'n': 1}\n"),
      says: "The specs in a.jsonl cannot be read: line 1 is not valid JSON (Expected property name or '}' in JSON at position 1).",
    },
    {
      what: 'a line with a list',
      given: lines('{"n": 1}\n\n[1]\n'),
      says: 'The specs in a.jsonl cannot be read: line 3 is not a JSON object such as {"rValue": 2.5}.',
    },
    {
      what: 'a line with a number',
      given: lines('7\n'),
      says: 'The specs in a.jsonl cannot be read: line 1 is not a JSON object such as {"rValue": 2.5}.',
    },
    {
      what: 'two objects in a line',
      given: lines('{"n": 1} {"n": 2}\n'),
      says: 'The specs in a.jsonl cannot be read: line 1 is not valid JSON (Unexpected non-whitespace character after JSON at position 9).',
    },
    {
      what: 'one object over many lines',
      given: lines('{\n  "n": 1\n}\n'),
      says: "The specs in a.jsonl cannot be read: line 1 is not valid JSON (Expected property name or '}' in JSON at position 1).",
    },
    {
      what: 'an array in a file of lines',
      given: lines('[\n{"n": 1}\n]\n'),
      says: 'The specs in a.jsonl cannot be read: line 1 is not valid JSON (Unexpected end of JSON input). One array with all objects is a .json file.',
    },
    {
      what: 'lines of Latin-1',
      given: lines(Buffer.from('{"n": 1, "city": "T\xfc"}\n', 'latin1')),
      says: 'The specs in a.jsonl cannot be read: line 1 is not in UTF-8 (about its byte 0xfc). Save the file as UTF-8 (Excel: "CSV UTF-8", a shell: iconv), or name its encoding, as --encoding windows-1252.',
    },
    {
      what: 'a file of lines without any',
      given: lines('\n'),
      code: 'SPECS_MISSING',
      says: 'walls received no specs: there are no rows in a.jsonl. Pass at least one.',
    },
    {
      what: 'a line without a field',
      given: lines('{"rate": 1}\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 1, field n: Invalid input: expected number, and it is missing',
    },
    {
      what: 'a line with a null',
      given: lines('{"n": null}\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 1, field n: Invalid input: expected number, received null (got null)',
    },
    {
      what: 'a line with a text for a number',
      given: lines('{"n": "1"}\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 1, field n: Invalid input: expected number, received string (got "1")',
    },
    {
      what: 'half of a surrogate pair',
      given: lines('{"n": 1, "city": "\\ud83d"}\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 1, field city: Invalid option: expected one of "denver"|"tucson" (got "\\ud83d")',
    },
    {
      what: 'a field named __proto__',
      given: lines('{"n": 1, "__proto__": {}}\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 1, field __proto__: Unknown field; remove it, or use --extra ignore or keep (a z.looseObject() in a script) (got {})',
    },
    {
      what: 'a list within a list, deep',
      given: lines('{"n": 1}\n{"n": 1, "layers": [{"thick": [1]}]}\n'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2, field layers[0].thick: Invalid input: expected number, received array (got [1])',
    },
    {
      what: 'three kinds of faults at once',
      given: lines('{"n": 0}\n{"n": 0}\n{"n": 1, "day": "soon"}\n{"m": 1}\n'),
      code: 'SPECS_INVALID',
      says: '4 specs do not fit the input of walls; nothing was started.\n  field n: 2 rows, first in line 1: Too small: expected number to be >=1 (got 0)\n  line 3, field day: Invalid ISO date (got "soon")\n  line 4, field m: Unknown field; did you mean n? (got 1)\n  line 4, field n: Invalid input: expected number, and it is missing',
    },
    {
      what: 'a line without end',
      given: lines(`{"n": 1, "city": "${'x'.repeat(2 ** 24 + 1)}`),
      says: 'The specs in a.jsonl cannot be read: line 1 has more than 16 million characters: put content that long into a file of its own.',
    },
    {
      what: 'lines of objects in a file with an array',
      given: list('{"n": 1}\n{"n": 2}\n'),
      says: 'The specs in a.json cannot be read: line 1 does not begin a JSON array such as [{"rValue": 2.5}]. One object on each line is a .jsonl file; pandas: to_json(orient=\'records\').',
    },
    {
      what: 'an array that is cut off',
      given: list('[{"n": 1},\n {"n": 2}'),
      says: 'The specs in a.json cannot be read: line 2 ends before the JSON array does: the file is cut off.',
    },
    {
      what: 'an array that is cut off in an item',
      given: list('[{"n": 1},\n {"n": '),
      says: 'The specs in a.json cannot be read: line 2 ends before the JSON array does: the file is cut off.',
    },
    {
      what: 'an empty file',
      given: list(''),
      says: 'The specs in a.json cannot be read: line 1 is not a JSON array: the file is empty.',
    },
    {
      what: 'an empty array',
      given: list('[]'),
      code: 'SPECS_MISSING',
      says: 'walls received no specs: there are no rows in a.json. Pass at least one.',
    },
    {
      what: 'a comma behind the last item',
      given: list('[{"n": 1},\n]'),
      says: 'The specs in a.json cannot be read: line 2 has a ] in the place of an item.',
    },
    {
      what: 'no comma between items',
      given: list('[{"n": 1}\n{"n": 2}]'),
      says: 'The specs in a.json cannot be read: item 1 (line 1) is not valid JSON (Unexpected non-whitespace character after JSON at position 9).',
    },
    {
      what: 'a brace too many',
      given: list('[{"n": 1}}]'),
      says: 'The specs in a.json cannot be read: line 1 has a } that closes nothing.',
    },
    {
      what: 'something behind the array',
      given: list('[{"n": 1}]\n{"n": 2}'),
      says: 'The specs in a.json cannot be read: line 2 has text after the end of the JSON array.',
    },
    {
      what: 'an item that is a list',
      given: list('[{"n": 1},\n [2]]'),
      says: 'The specs in a.json cannot be read: item 2 (line 2) is not a JSON object such as {"rValue": 2.5}.',
    },
    {
      what: 'an item with NaN',
      given: list('[\n{"n": NaN}]'),
      says: 'The specs in a.json cannot be read: item 1 (line 2) is not valid JSON (Unexpected token \'N\', "{"n": NaN}" is not valid JSON). JSON has no NaN and no Infinity: write null.',
    },
    {
      what: 'columns of lists, as pandas writes by default',
      given: list('{"n":{"0":1,"1":2}}'),
      says: 'The specs in a.json cannot be read: line 1 does not begin a JSON array such as [{"rValue": 2.5}]. One object on each line is a .jsonl file; pandas: to_json(orient=\'records\').',
    },
    {
      what: 'an array of Latin-1',
      given: list(Buffer.from('[{"n": 1},\n{"city": "\xfc"}]', 'latin1')),
      says: 'The specs in a.json cannot be read: line 2 is not in UTF-8 (about its byte 0xfc). Save the file as UTF-8 (Excel: "CSV UTF-8", a shell: iconv), or name its encoding, as --encoding windows-1252.',
    },
    {
      what: 'an item that does not fit',
      given: list('[{"n": 1},\n{"n": 1000}]'),
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  item 2 (line 2), field n: Too big: expected number to be <=100 (got 1000)',
    },
  ],
}
