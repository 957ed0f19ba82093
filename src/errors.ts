import type { ErrorCode } from './error-codes.js'

/** Marks errors of every copy of the package in a process. */
export const SCYTHE_ERROR = Symbol.for('scythe.error')

/**
 * The base of all errors of Scythe: a message that names the field, the value and the way out, a stable `code`, the data of a
 * subclass in its fields, and the reason in `cause`. Two copies of the package have two classes: `isScytheError` knows both.
 */
export class ScytheError<Code extends string = ErrorCode> extends Error {
  /** Upper case with underscores; docs/errors.md lists all. */
  readonly code: Code

  static {
    Object.defineProperty(ScytheError.prototype, SCYTHE_ERROR, { value: true })
  }

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }

  /** Returns the error as data: code, message and the fields of the subclass. */
  toJSON(): Record<string, unknown> {
    const { name: _name, ...fields } = this as Record<string, unknown>
    return { ...fields, code: this.code, message: this.message }
  }
}
