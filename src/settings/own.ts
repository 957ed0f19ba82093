/** What an object holds under a name that a user chose: `constructor` is on every object, and anything may be put on all of them. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return hasOwn(record, name) ? record[name] : undefined
}

const { hasOwn } = Object
