/** The text of a JSON value, made when the value was taken: what became of the value since does not count. */
export class JsonText {
  constructor(readonly text: string) {}
}

const { parse, stringify } = JSON

/** How JSON begins: anything else is not JSON, which is known without an exception. */
const LIKE_JSON = /^\s*(?:["[{\d-]|(?:true|false|null)\s*$)/

/**
 * A value as text that people read, and that is read back as this value: a string stands for itself, unless it could be taken for JSON.
 * So `auto` is `auto`, 0.5 is `0.5`, and the string `0.5` is `"0.5"`.
 */
export function looseText(value: unknown): string {
  return typeof value === 'string' && readJson(value) === undefined ? value : stringify(value)
}

/** The value of such a text. */
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
