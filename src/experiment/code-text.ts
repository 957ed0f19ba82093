/** A JSON value as TypeScript has it. */
export function literal(value: unknown): string {
  return JSON.stringify(value).replace(
    /"((?:[^"\\]|\\.)*)"(\s*:)?/g,
    (_all, inner: string, colon?: string) => `${text(JSON.parse(`"${inner}"`))}${colon ?? ''}`,
  )
}

/** A text as a TypeScript literal, in single quotes. */
export function text(value: string): string {
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** A field's name where an object is written. */
export function keyText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name)
}
