/**
 * The text of a JSON value, made when the value was accepted. Later changes of the value do not
 * matter.
 */
export class JsonText {
  constructor(readonly text: string) {}
}

const { parse, stringify } = JSON

/**
 * The beginning of any JSON text. A text with another beginning is not JSON, which this shows
 * without an exception.
 */
const LIKE_JSON = /^\s*(?:["[{\d-]|(?:true|false|null)\s*$)/

/**
 * Returns a value as a readable text from which `looseValue` restores the value. A string stays as
 * it is, unless it could be taken for JSON. So `auto` is `auto`, 0.5 is `0.5`, and the string `0.5`
 * is `"0.5"`.
 */
export function looseText(value: unknown): string {
  return typeof value === 'string' && readJson(value) === undefined ? value : stringify(value)
}

/** Returns the value of a text that `looseText` made. */
export function looseValue(text: string): unknown {
  const json = readJson(text)
  return json === undefined ? text : json
}

function readJson(text: string): unknown {
  if (!LIKE_JSON.test(text)) return undefined
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
