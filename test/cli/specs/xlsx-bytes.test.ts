import { spawnSync } from 'node:child_process'
import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readXlsx } from '../../../src/cli/specs/xlsx.js'
import { collect } from '../../support/collect.js'
import { temporaryFolder } from '../../support/folders.js'
import { fixture, scythe } from '../scythe.js'
import { partOf, tableOf, withParts } from './workbooks.js'

const SHEET = 'xl/worksheets/sheet1.xml'
const book = tableOf(['n', 'place'], [1, 'Köln'], [2, 'Oslo, NO'])

async function rowsOf(...pieces: (Buffer | string)[]) {
  const { batches } = await readXlsx('a.xlsx', Readable.from(pieces.map((piece) => Buffer.from(piece as string))))
  return (await collect(batches)).flatMap(({ rows }) => rows)
}

const refusal = (message: string | RegExp) => ({
  code: 'SPECS_UNREADABLE',
  file: 'a.xlsx',
  message: expect.stringMatching(message),
})

/** Returns where in a zip file the directory has its entry for a name. */
function entryAt(bytes: Buffer, name: string): number {
  return bytes.lastIndexOf(name) - 46
}

describe('a workbook', () => {
  const zeros = (count: number) => withParts(book, { [SHEET]: `<worksheet>${' '.repeat(count)}</worksheet>` })

  it('is rejected before it is inflated if its inflated size is over the limit', async () => {
    const bytes = Buffer.from(book)
    bytes.writeUInt32LE(300 * 2 ** 20, entryAt(bytes, SHEET) + 24)
    await expect(rowsOf(bytes)).rejects.toMatchObject(refusal('it stands for 301 MiB, and at most 256 MiB are read'))
  })

  it('is rejected if its sizes are false, and inflates to no more than they state', async () => {
    const bytes = zeros(30 * 2 ** 20)
    bytes.writeUInt32LE(1000, entryAt(bytes, SHEET) + 24)
    const begun = process.memoryUsage().rss
    await expect(rowsOf(bytes)).rejects.toMatchObject(refusal('its part xl/worksheets/sheet1.xml is damaged'))
    expect(process.memoryUsage().rss - begun).toBeLessThan(2 ** 24)
    bytes.writeUInt32LE(40 * 2 ** 20, entryAt(bytes, SHEET) + 24)
    await expect(rowsOf(bytes)).rejects.toMatchObject(refusal('is not as long as the file says'))
  })

  it('is rejected while it is read if it has more bytes than the limit', async () => {
    let taken = 0
    const endless = Readable.from(
      (function* () {
        for (;;) {
          taken += 2 ** 20
          yield Buffer.alloc(2 ** 20)
        }
      })(),
    )
    await expect(readXlsx('a.xlsx', endless)).rejects.toMatchObject(refusal('more than 64 MiB'))
    expect(taken).toBeLessThan(2 ** 27)
  })

  it.each([
    [
      'that is encrypted',
      () => Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.from('EncryptedPackage', 'utf16le')]),
      'it is encrypted: save it without a password',
    ],
    [
      'in the old format',
      () => Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]),
      'the old kind .*save it as .xlsx',
    ],
    ['that is CSV', () => Buffer.from('n,place\n1,Oslo\n'), 'it is not a workbook'],
    ['that is empty', () => Buffer.alloc(0), 'it is not a workbook'],
    ['that is cut off', () => book.subarray(0, book.length - 30), 'the file is cut off'],
    ['that is a zip file of something else', () => withoutParts(), 'a zip file of something else'],
    [
      'whose sheet is cut off',
      () => withParts(book, { [SHEET]: partOf(book, SHEET).replace(/<\/sheetData>.*/, '') }),
      'sheet1.xml is cut off',
    ],
    [
      'whose sheet is missing',
      () => withParts(book, { 'xl/_rels/workbook.xml.rels': '<Relationships/>', 'xl/worksheets/sheet1.xml': '' }),
      'sheet Specs is damaged',
    ],
    [
      'whose texts are missing',
      () =>
        withParts(book, { [SHEET]: partOf(book, SHEET).replace(/<c r="A1".*?<\/c>/, '<c r="A1" t="s"><v>99</v></c>') }),
      'sheet Specs is damaged',
    ],
    ['with a part whose bytes are others', () => flipped(SHEET), 'is damaged'],
    ['with a password of the zip file', () => changed(SHEET, 8, 1), 'it is encrypted'],
    ['packed in another way', () => changed(SHEET, 10, 12), 'compression 12'],
    [
      'with a cell out of the sheet',
      () => withParts(book, { [SHEET]: partOf(book, SHEET).replaceAll('r="A2"', 'r="A4000000000"') }),
      'cells where no sheet has any',
    ],
  ])('%s is rejected with the reason', async (_, bytes, message) => {
    await expect(rowsOf(bytes())).rejects.toMatchObject(refusal(message))
  })

  function withoutParts(): Buffer {
    // The names alone make it one.
    return Buffer.from(
      book
        .toString('latin1')
        .replaceAll('[Content_Types].xml', '[Content_Tipes].xml')
        .replaceAll('xl/workbook.xml', 'xl/workbaak.xml'),
      'latin1',
    )
  }

  function flipped(name: string): Buffer {
    const bytes = Buffer.from(book)
    const at = bytes.readUInt32LE(entryAt(bytes, name) + 42) + 30 + name.length + 40
    bytes[at]! ^= 0x10
    return bytes
  }

  function changed(name: string, offset: number, value: number): Buffer {
    const bytes = Buffer.from(book)
    bytes.writeUInt16LE(value, entryAt(bytes, name) + offset)
    return bytes
  }

  it('is read however its bytes are split', async () => {
    for (const cut of [1, 3, 4, 100]) expect(await rowsOf(book.subarray(0, cut), book.subarray(cut))).toHaveLength(2)
  })
})

/** Rows, or an error of ours: nothing else comes of any bytes. */
async function isCalm(bytes: Buffer): Promise<void> {
  const outcome = await rowsOf(bytes).catch((error) => error)
  if (!Array.isArray(outcome)) expect(outcome).toMatchObject({ code: 'SPECS_UNREADABLE', file: 'a.xlsx' })
}

describe('a damaged workbook yields rows, or an error that names the file:', () => {
  it('from any bytes', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (bytes) => isCalm(Buffer.from(bytes))))
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), (bytes) => isCalm(Buffer.concat([Buffer.from('PK'), bytes]))),
    )
  })

  it('if some bytes are replaced', async () => {
    const changes = fc.array(fc.tuple(fc.nat(book.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(changes, async (changes) => {
        const bytes = Buffer.from(book)
        for (const [at, byte] of changes) bytes[at] = byte
        await isCalm(bytes)
      }),
      { numRuns: 200 },
    )
  })

  it('if parts have other text', async () => {
    const names = [
      '[Content_Types].xml',
      'xl/workbook.xml',
      'xl/_rels/workbook.xml.rels',
      SHEET,
      'xl/styles.xml',
      'xl/sharedStrings.xml',
    ]
    const parts = names.filter((name) => book.includes(name))
    const piece = fc.oneof(
      fc.constantFrom(
        '<',
        '>',
        '/>',
        '"',
        '<c r="A1">',
        '<f>',
        '</f>',
        't="s"',
        't="d"',
        '<v>',
        '</sheetData>',
        '<row r="0">',
        '99999999999',
        '-1',
        '__proto__',
        '&#x;',
        'constructor',
      ),
      fc.string(),
    )
    const change = fc.record({ part: fc.constantFrom(...parts), at: fc.nat(), cut: fc.nat(40), piece })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        let bytes = book
        for (const { part, at, cut, piece } of changes) {
          const text = partOf(bytes, part)
          const from = at % text.length
          bytes = withParts(bytes, { [part]: `${text.slice(0, from)}${piece}${text.slice(from + cut)}` || ' ' })
        }
        await isCalm(bytes)
      }),
      { numRuns: 200 },
    )
  })
})

describe('scythe run', () => {
  const GROWTH = fixture('growth.ts')

  it('accepts a workbook from stdin, compressed or not, with its sheet', async () => {
    const folder = await temporaryFolder()
    const args = ['run', GROWTH, '--specs', '-', '--sheet', 'specs', '--dry-run', '--json']
    for (const input of [book, gzipSync(book)]) {
      const { stdout } = await scythe(folder, args, { input })
      expect(JSON.parse(stdout)).toMatchObject({ specs: 2, first: [{ place: 'Köln' }, { place: 'Oslo, NO' }] })
    }
    const { code, stdout } = await scythe(folder, args, { input: 'n\n1\n' })
    expect(code).toBe(2)
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('--sheet is for workbooks'),
    })
  })

  it('names the sheet of workbook rows that are invalid', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.xlsx'), tableOf(['n'], [1], ['x'], [], ['x']))
    const { code, stderr } = await scythe(folder, ['run', GROWTH, '--specs', 'a.xlsx'])
    expect(code).toBe(2)
    expect(stderr).toContain('field n: 2 rows, first in row 3 of sheet Specs:')
  })

  it('names the package to install for workbooks, if it is missing', async () => {
    const folder = await temporaryFolder()
    const root = fileURLToPath(new URL('../../../', import.meta.url))
    // As it is installed, without what is optional.
    const home = join(folder, 'node_modules', 'scythe-engine')
    await mkdir(home, { recursive: true })
    for (const name of ['dist', 'package.json']) await cp(join(root, name), join(home, name), { recursive: true })
    for (const name of await readdir(join(root, 'node_modules'))) {
      if (name !== '@e965' && !name.startsWith('.'))
        await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name)).catch(() => {})
    }
    await writeFile(join(folder, 'a.xlsx'), book)
    await cp(GROWTH, join(folder, 'growth.ts'))
    const main = join(home, 'dist', 'cli', 'main.js')
    const { status, stderr } = spawnSync(process.execPath, [main, 'run', 'growth.ts', '--specs', 'a.xlsx'], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('npm install @e965/xlsx') })
  })
})
