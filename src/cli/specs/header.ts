import { SpecsUnreadableError } from '../errors.js'

export interface HeaderWords {
  /** The words for the header itself, such as `its header`. */
  readonly header: string
  /** Returns a name for a column that has no name. */
  column(index: number): string
}

/** Throws `SpecsUnreadableError` unless every column has a name, and no two have equal names. */
export function checkHeader(file: string, names: readonly string[], { header, column }: HeaderWords): void {
  const unnamed = names.indexOf('')
  if (unnamed >= 0) {
    const fix = 'Name it, or leave it out (pandas: index=False, R: row.names = FALSE).'
    throw new SpecsUnreadableError(file, `column ${column(unnamed)} of ${header} has no name. ${fix}`)
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new SpecsUnreadableError(file, `${header} has the column ${twice} twice.`)
}
