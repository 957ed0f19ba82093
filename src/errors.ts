/**
 * What every error of Scythe is: a message that names the field, the value and the way out; a stable `code` to switch on;
 * the data of a subclass in its fields; the reason in `cause`.
 */
export class ScytheError extends Error {
  /** Stable, upper case with underscores. Two copies of the package are two classes: compare codes, not classes. */
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }

  /** The error as data: code, message and the subclass's fields. */
  toJSON(): Record<string, unknown> {
    const { name: _name, ...fields } = this as Record<string, unknown>
    return { ...fields, code: this.code, message: this.message }
  }
}
