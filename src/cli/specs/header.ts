import { SpecsUnreadableError } from '../errors.js'

export interface HeaderWords {
  /** What is said of the header itself, such as `its header`. */
  readonly header: string
  /** Returns the name of a column that has none. */
  column(index: number): string
}

/** Throws `SpecsUnreadableError` unless every column has a name, and one of its own. */
export function checkHeader(file: string, names: readonly string[], { header, column }: HeaderWords): void {
  const unnamed = names.indexOf('')
  if (unnamed >= 0) {
    const fix = 'Name it, or leave it out (pandas: index=False, R: row.names = FALSE).'
    throw new SpecsUnreadableError(file, `column ${column(unnamed)} of ${header} has no name. ${fix}`)
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new SpecsUnreadableError(file, `${header} has the column ${twice} twice.`)
}
