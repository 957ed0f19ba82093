import type { ErrorCode } from './error-codes.js'

/** Marks the errors of every copy of the package in a process. */
export const SCYTHE_ERROR = Symbol.for('scythe.error')

/**
 * The base class of all errors of Scythe. The message names the field, the value and the way out.
 * `code` is stable, the fields of a subclass hold its data, and `cause` holds the reason. Two
 * copies of the package have two classes: `isScytheError` recognizes both.
 */
export class ScytheError<Code extends string = ErrorCode> extends Error {
  /** The error code, in upper case with underscores. docs/errors.md lists all codes. */
  readonly code: Code

  static {
    Object.defineProperty(ScytheError.prototype, SCYTHE_ERROR, { value: true })
  }

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }

  /** Returns the error as data: its code, its message and the fields of the subclass. */
  toJSON(): Record<string, unknown> {
    const { name: _name, ...fields } = this as Record<string, unknown>
    return { ...fields, code: this.code, message: this.message }
  }
}
