import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { problemText } from '../experiment/parse.js'
import { formatValue } from '../experiment/values.js'
import { log } from '../settings/log.js'
import type { Store } from '../store/store.js'
import { RunObjectInvalidError } from './errors.js'
import { findObject } from './find-object.js'

/** A parser that throws if a value is not valid. Most often a schema. */
export interface Shape<T> {
  parse(value: unknown): T
}

/**
 * The only format that this version knows. An object in another format is whole, and a newer
 * Scythe's.
 */
const FORMAT = 1

/** Returns the text of an object of a run: JSON whose last field is a checksum of the rest. */
export function jsonText(value: object): string {
  return JSON.stringify({ ...value, crc32: crc32(JSON.stringify(value)) })
}

/**
 * Reads a JSON object of a run. Resolves with `undefined` if there is none. Rejects with
 * `RunObjectInvalidError` if it is not valid.
 */
export async function readJson<T>(folder: Store, key: string, shape: Shape<T>): Promise<T | undefined> {
  if (!(await findObject(folder, key))) return undefined
  return parsed(folder, key, await folder.get(key), shape)
}

/**
 * Reads a JSON object like `readJson`. Resolves with `undefined` also if the object is damaged, and
 * is to be made again.
 */
export async function readMendable<T>(folder: Store, key: string, shape: Shape<T>): Promise<T | undefined> {
  return readJson(folder, key, shape).catch(unlessDamaged)
}

/*
 * Plans and receipts are written once, by the first writer, and must be replaced if they are
 * damaged or name a damaged part. Removing an object and writing a new one would race: of two
 * resumes that found the damage, the slower would remove the object that the faster has just
 * written, and both would continue with rows of their own. So nothing is ever removed. An object
 * that is set aside is overwritten with nothing, and its successor goes under the next key,
 * `….1.json`, where again the first writer counts. Each key goes one way only, from absent to
 * written to empty: setting aside twice, or late, does no harm, and all who follow the keys reach
 * the same object.
 */

export interface Latest<T> {
  /** The value that counts, or `undefined` if there is none. */
  readonly value: T | undefined
  /** Number of objects that were set aside, or are damaged and will be set aside. */
  readonly generation: number
}

/**
 * Reads the object under this key, or its successor if that object was set aside. A damaged object
 * counts as set aside.
 */
export async function readLatest<T>(folder: Store, key: string, shape: Shape<T>): Promise<Latest<T>> {
  for (let generation = 0; ; generation++) {
    const at = keyAt(key, generation)
    const there = await findObject(folder, at)
    if (!there) return { value: undefined, generation }
    const bytes = there.size > 0 ? await folder.get(at) : EMPTY
    const value = bytes.length > 0 ? readable(folder, at, bytes, shape) : undefined
    if (value !== undefined) return { value, generation }
  }
}

/**
 * Writes an object if there is none. Resolves with the object that counts: this one, or the one
 * that was first. Sets aside a damaged object.
 */
export async function putLatest<T extends object>(folder: Store, key: string, value: T, shape: Shape<T>): Promise<T> {
  const text = jsonText(value)
  for (let generation = 0; ; generation++) {
    const at = keyAt(key, generation)
    if (await folder.putIfAbsent(at, text)) return value
    // A refused write may be an earlier write of this process whose answer was lost. So the stored
    // object is always read.
    const bytes = await readWhatIsThere(folder, at)
    const there = bytes.length > 0 ? readable(folder, at, bytes, shape) : undefined
    if (there !== undefined) return there
    if (bytes.length > 0) await empty(folder, at, 'it is damaged')
  }
}

/**
 * Reads an object that existed a moment ago. Rejects with an error that names the obstacle if it
 * cannot be read.
 */
async function readWhatIsThere(folder: Store, key: string): Promise<Uint8Array> {
  await findObject(folder, key)
  return folder.get(key)
}

/** Sets aside the object that counts, if it is still the one that is meant. */
export async function setAside<T>(
  folder: Store,
  key: string,
  shape: Shape<T>,
  isMeant: (value: T) => boolean,
  reason: string,
): Promise<void> {
  const { value, generation } = await readLatest(folder, key, shape)
  if (value !== undefined && isMeant(value)) await empty(folder, keyAt(key, generation), reason)
}

const EMPTY = new Uint8Array()

async function empty(folder: Store, key: string, reason: string): Promise<void> {
  log.warn(`${folder.uriOf(key)} is set aside: ${reason}. What it stands for is made again.`)
  await folder.put(key, EMPTY)
}

function keyAt(key: string, generation: number): string {
  return generation === 0 ? key : key.replace(/\.json$/, `.${generation}.json`)
}

function readable<T>(folder: Store, key: string, bytes: Uint8Array, shape: Shape<T>): T | undefined {
  try {
    return parsed(folder, key, bytes, shape)
  } catch (error) {
    return unlessDamaged(error)
  }
}

function unlessDamaged(error: unknown): undefined {
  if (error instanceof RunObjectInvalidError && !error.lasting) return undefined
  throw error
}

function parsed<T>(folder: Store, key: string, bytes: Uint8Array, shape: Shape<T>): T {
  let format: unknown
  try {
    const whole: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) {
      throw new Error(`it is not a JSON object (got ${formatValue(whole)})`)
    }
    const { crc32: checksum, ...value } = whole as Record<string, unknown>
    if (checksum !== undefined && checksum !== crc32(JSON.stringify(value)))
      throw new Error('it does not fit its checksum')
    format = value.format
    return shape.parse(value)
  } catch (cause) {
    const newer = Number.isSafeInteger(format) && format !== FORMAT
    throw new RunObjectInvalidError(folder.uriOf(key), reasonOf(cause, newer ? format : undefined), {
      cause,
      lasting: newer,
    })
  }
}

function reasonOf(cause: unknown, newer: unknown): string {
  if (newer !== undefined)
    return `it has the format ${newer}, and this version of Scythe knows ${FORMAT} only. Update Scythe.`
  if (cause instanceof z.ZodError) return problemText(cause, undefined)
  if (cause instanceof SyntaxError) return `it is not valid JSON (${cause.message})`
  if (cause instanceof TypeError) return 'it is not in UTF-8'
  return (cause as Error).message
}
