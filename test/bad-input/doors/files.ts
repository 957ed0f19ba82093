import { gzipSync } from 'node:zlib'
import { encodeTable } from '../../../src/table/writer.js'
import { rawZstd } from '../../../tools/fuzz/zstd.js'
import type { Door } from '../door.js'
import { type GivenSpecs, takeSpecs } from './specs.js'

const CSV = 'n,rate\n1,2\n'
const packed = gzipSync(CSV)

export const filesDoor: Door<GivenSpecs> = {
  title: 'Files of specs',
  code: 'SPECS_UNREADABLE',
  take: takeSpecs,
  cases: [
    {
      what: 'a file that is not there',
      given: { files: {}, specs: ['a.csv'] },
      says: 'The specs in a.csv cannot be read: there is no such file.',
    },
    {
      what: 'a file in a folder that is not there',
      given: { files: {}, specs: ['no/a.jsonl'] },
      says: 'The specs in no/a.jsonl cannot be read: there is no such file.',
    },
    {
      what: 'a folder',
      given: { files: { 'a.csv/': '' }, specs: ['a.csv'] },
      says: 'The specs in a.csv cannot be read: it is a folder.',
    },
    {
      what: 'a folder instead of Parquet',
      given: { files: { 'a.parquet/': '' }, specs: ['a.parquet'] },
      says: 'The specs in a.parquet cannot be read: it is a folder.',
    },
    {
      what: 'an ending that is not known',
      given: { files: { 'a.ods': 'n' } },
      code: 'USAGE',
      says: 'Expected --specs to end in .csv, .tsv, .json, .jsonl, .ndjson, .parquet, .pq, .xlsx, any of them with .gz or .zst, or to be - for stdin, got a.ods.',
    },
    {
      what: 'no ending',
      given: { files: { specs: 'n' } },
      code: 'USAGE',
      says: 'Expected --specs to end in .csv, .tsv, .json, .jsonl, .ndjson, .parquet, .pq, .xlsx, any of them with .gz or .zst, or to be - for stdin, got specs.',
    },
    {
      what: 'packing that is not known',
      given: { files: { 'a.csv.bz2': 'n' } },
      code: 'USAGE',
      says: 'Expected --specs to end in .csv, .tsv, .json, .jsonl, .ndjson, .parquet, .pq, .xlsx, any of them with .gz or .zst, or to be - for stdin, got a.csv.bz2.',
    },
    {
      what: 'a pattern that no file fits',
      given: { files: { 'a.csv': CSV }, specs: ['b*.csv'] },
      says: 'The specs in b*.csv cannot be read: no file matches the pattern.',
    },
    {
      what: 'stdin twice',
      given: { files: {}, specs: ['-', '-'] },
      code: 'USAGE',
      says: '--specs - is given twice, and stdin can be read only once.',
    },
    {
      what: 'the second of two files is missing',
      given: { files: { 'a.csv': CSV }, specs: ['a.csv', 'b.csv'] },
      says: 'The specs in b.csv cannot be read: there is no such file.',
    },
    {
      what: 'the second of two files has a fault',
      given: { files: { 'a.csv': CSV, 'b.csv': 'n,rate\n1,2\n3\n' } },
      says: 'The specs in b.csv cannot be read: line 3 has 1 value, and the header 2 columns.',
    },
    {
      what: 'a value in the second of two files does not fit',
      given: { files: { 'a.csv': CSV, 'b.jsonl': '{"n": 1}\n{"n": "x"}\n' } },
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2 of b.jsonl, field n: Invalid input: expected number, received string (got "x")',
    },
    {
      what: 'one of the files of a pattern does not fit',
      given: { files: { 'a1.csv': CSV, 'a2.csv': 'n,rate\n1,99\n' }, specs: ['a*.csv'] },
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  line 2 of a2.csv, field rate: Too big: expected number to be <=10 (got 99)',
    },
    {
      what: 'gzip that is cut off',
      given: { files: { 'a.csv.gz': packed.subarray(0, 20) } },
      says: 'The specs in a.csv.gz cannot be read: its gzip is cut off.',
    },
    {
      what: 'gzip with a damaged byte',
      given: {
        files: { 'a.csv.gz': Buffer.concat([packed.subarray(0, 12), Buffer.from('xxx'), packed.subarray(15)]) },
      },
      says: 'The specs in a.csv.gz cannot be read: its gzip is damaged (invalid distance too far back).',
    },
    {
      what: 'zstd that is cut off',
      given: { files: { 'a.csv.zst': rawZstd(Buffer.from(CSV)).subarray(0, 15) } },
      says: 'The specs in a.csv.zst cannot be read: its zstd is cut off.',
    },
    {
      what: 'zstd that asks for gigabytes',
      given: {
        files: { 'a.csv.zst': Buffer.concat([rawZstd(Buffer.from(CSV)).subarray(0, 4), Buffer.alloc(40, 255)]) },
      },
      says: 'The specs in a.csv.zst cannot be read: its zstd needs more than 128 MB of memory.',
    },
    {
      what: 'a fault in a line of a packed file',
      given: { files: { 'a.csv.gz': gzipSync('n,rate\n1,2\n1,2,3\n') } },
      says: 'The specs in a.csv.gz cannot be read: line 3 has 3 values, and the header 2 columns.',
    },
    {
      what: 'Parquet that is text',
      given: { files: { 'a.parquet': CSV } },
      says: 'The specs in a.parquet cannot be read: its 11 bytes do not end as those of a Parquet file: it is cut off, or not Parquet.',
    },
    {
      what: 'Parquet that is empty',
      given: { files: { 'a.parquet': '' } },
      says: 'The specs in a.parquet cannot be read: its 0 bytes do not end as those of a Parquet file: it is cut off, or not Parquet.',
    },
    {
      what: 'Parquet that is cut off',
      given: { files: { 'a.parquet': parquet().subarray(0, 100) } },
      says: 'The specs in a.parquet cannot be read: its 100 bytes do not end as those of a Parquet file: it is cut off, or not Parquet.',
    },
    {
      what: 'Parquet whose footer is longer than the file',
      given: { files: { 'a.pq': longFooter() } },
      says: 'The specs in a.pq cannot be read: its footer of 1000008 bytes is longer than the file of 663.',
    },
    {
      what: 'Parquet with a damaged footer',
      given: { files: { 'a.pq': damaged(-60) } },
      says: 'The specs in a.pq cannot be read: its footer is damaged (its bytes do not fit their checksum).',
    },
    {
      what: 'Parquet with a damaged page',
      given: { files: { 'a.pq': damaged(40) } },
      says: 'The specs in a.pq cannot be read: column n, page 0 of row group 0: its bytes do not fit its checksum.',
    },
    {
      what: 'Parquet with a value that does not fit',
      given: { files: { 'a.pq': parquet(0) } },
      code: 'SPECS_INVALID',
      says: '1 spec does not fit the input of walls; nothing was started.\n  row 2, field n: Too small: expected number to be >=1 (got 0)',
    },
    {
      what: 'Parquet with an unknown column',
      given: { files: { 'a.pq': parquet(1, 'm') } },
      code: 'SPECS_INVALID',
      says: '3 specs do not fit the input of walls; nothing was started.\n  field m: 3 rows, first in row 0: Unknown field; did you mean n? (got 1)\n  field n: 3 rows, first in row 0: Invalid input: expected number, and it is missing',
    },
    {
      what: 'Parquet without rows',
      given: { files: { 'a.pq': rows([], 'n') } },
      code: 'SPECS_MISSING',
      says: 'walls received no specs: there are no rows in a.pq. Pass at least one.',
    },
    {
      what: 'an address of S3 without a key',
      given: { files: {}, specs: ['s3://bucket.csv'] },
      says: 'The specs in s3://bucket.csv cannot be read: it does not name an object, as s3://bucket/key does.',
    },
    {
      what: 'an address of a kind that is not known',
      given: { files: {}, specs: ['ftp://host/a.csv'] },
      says: 'The specs in ftp://host/a.csv cannot be read: specs are read from paths, and from s3://, http(s):// and file:// addresses.',
    },
    {
      what: 'an address of a file that is not there',
      given: { files: {}, specs: ['file:///nowhere/a.csv'] },
      says: 'The specs in file:///nowhere/a.csv cannot be read: there is no such file.',
    },
    {
      what: 'an address of a metadata service',
      given: { files: {}, specs: ['http://169.254.169.254/latest/a.csv'] },
      says: 'The specs in http://169.254.169.254/latest/a.csv cannot be read: Could not fetch http://169.254.169.254/latest/a.csv: 169.254.169.254 is a metadata address, which is not fetched from unless SCYTHE_FETCH_ALLOW names it (as metadata, 169.254.169.254 or a network).',
    },
  ],
}

function parquet(n = 1, name = 'n'): Buffer {
  return rows([1, 2, n], name)
}

function rows(values: readonly number[], name: string): Buffer {
  const table = { columns: [{ name, type: { kind: 'int64' as const } }], index: [] }
  return Buffer.from(encodeTable(table, { [name]: [...values] }, values.length))
}

function damaged(at: number): Buffer {
  const bytes = parquet()
  bytes[at < 0 ? bytes.length + at : at]! ^= 0x55
  return bytes
}

function longFooter(): Buffer {
  const bytes = parquet()
  bytes.writeUInt32LE(1e6, bytes.length - 8)
  return bytes
}
