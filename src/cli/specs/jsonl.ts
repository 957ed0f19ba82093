import type { Readable } from 'node:stream'
import type { Row } from '../../experiment/convert.js'
import { SpecsUnreadableError } from '../errors.js'

/** The objects of a file with one in JSON on each line. Throws `SpecsUnreadableError` with the line. */
export async function* readJsonLines(file: string, stream: Readable): AsyncGenerator<Row> {
  let number = 0
  for await (const lines of linesOf(stream)) {
    for (const line of lines) {
      number += 1
      if (line.trim() !== '') yield parseLine(file, line, number)
    }
  }
}

async function* linesOf(stream: Readable): AsyncGenerator<string[]> {
  stream.setEncoding('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    yield lines
  }
  yield [rest]
}

function parseLine(file: string, line: string, number: number): Row {
  let value: unknown
  try {
    value = JSON.parse(number === 1 ? line.replace(/^\uFEFF/, '') : line)
  } catch (cause) {
    throw new SpecsUnreadableError(file, `line ${number} is no JSON (${(cause as Error).message}).`, { cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row
  throw new SpecsUnreadableError(file, `line ${number} is no JSON object, as {"rValue": 2.5} is.`)
}
