import type * as classes from './error-classes.js'
import { SCYTHE_ERROR, type ScytheError } from './errors.js'

/** Any error of Scythe that has fields of its own. `code` tells these errors apart. */
export type AnyScytheError = InstanceType<(typeof classes)[keyof typeof classes]>

/**
 * Returns whether a value is an error of Scythe, thrown by this copy of the package or by another
 * copy in the process.
 *
 * @example
 * ```ts
 * try {
 *   await openRun(store, 'energy/v1.0.0/2026-01-31_12-00-00')
 * } catch (error) {
 *   if (isScytheError(error, 'RUN_NOT_FOUND')) console.log(`Did you mean ${error.similar[0]}?`)
 *   else throw error
 * }
 * ```
 */
export function isScytheError(error: unknown): error is ScytheError
/**
 * Returns whether a value is an error of Scythe with this code, and narrows it to the fields of
 * that error.
 *
 * @param code A code of docs/errors.md that an exported class has.
 */
export function isScytheError<Code extends AnyScytheError['code']>(
  error: unknown,
  code: Code,
): error is Extract<AnyScytheError, { readonly code: Code }>
export function isScytheError(error: unknown, code?: string): boolean {
  const isOne = typeof error === 'object' && error !== null && SCYTHE_ERROR in error
  return isOne && (code === undefined || (error as { code?: unknown }).code === code)
}
