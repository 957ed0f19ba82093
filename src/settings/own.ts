/**
 * Returns the own property under a name that a user chose. Every object inherits `constructor`, and
 * any code may extend `Object.prototype`.
 */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return hasOwn(record, name) ? record[name] : undefined
}

const { hasOwn } = Object
