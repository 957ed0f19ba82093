import { createHash } from 'node:crypto'
import type { ObjectInfo } from '../../src/store/store.js'

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}

export function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export async function collect(infos: AsyncIterable<ObjectInfo>): Promise<ObjectInfo[]> {
  const all: ObjectInfo[] = []
  for await (const info of infos) all.push(info)
  return all
}

export async function keysOf(infos: AsyncIterable<ObjectInfo>): Promise<string[]> {
  return (await collect(infos)).map(({ key }) => key)
}

export async function* asynchronous<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items
}

export async function inTurns<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < items.length; i += 50) await Promise.all(items.slice(i, i + 50).map(act))
}
