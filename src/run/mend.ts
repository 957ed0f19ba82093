import { RUN_RECEIPT_KEY, type RunReceipt } from '../scatter/finish.js'
import { setDamagedAside } from '../scatter/mend.js'
import { type Receipt, readReceipt } from '../scatter/receipt.js'
import { openObjectTable, readObjectRows } from '../scatter/run-folder.js'
import { log } from '../settings/log.js'
import { pathOfUri } from '../store/address.js'
import type { Store } from '../store/store.js'
import { widest } from './count-receipts.js'
import { findDamagedTables } from './final-tables.js'

/**
 * Size up to which final tables are always verified against their checksums, in bytes. Larger
 * tables are verified only on request.
 */
const CHEAP_BYTES = 64 * 2 ** 20
/** Number of missing files that are named. */
const NAMED_FILES = 10

/**
 * Checks whether a run that is done still has the objects that its receipt names. Logs the damaged
 * ones. If tables are, it removes the run's receipt: then the run is open, and its root makes the
 * tables again from parts, and parts from specs. Resolves with whether it did. Two processes that
 * do so at once make the tables twice. With `verify`, everything is read, however large.
 */
export async function reopenIfDamaged(folder: Store, done: RunReceipt, verify: boolean): Promise<boolean> {
  const damaged = await findDamagedTables(folder, done, verify ? Number.POSITIVE_INFINITY : CHEAP_BYTES)
  for (const { uri, problem } of damaged) log.warn(`${uri} is damaged: ${problem}. It is made again.`)
  if (damaged.length === 0) {
    await warnOfMissingFiles(folder, done)
    return false
  }
  // The tables contain large parts that were copied unread. The root itself detects parts that are
  // missing or small.
  if (damaged.some(({ inside }) => inside)) await checkParts(folder, done.specs)
  await folder.delete([RUN_RECEIPT_KEY])
  return true
}

/**
 * Verifies every part of a run against its checksums, and sets aside the receipts of damaged parts,
 * so that their ranges run again.
 */
export async function checkParts(folder: Store, specs: number): Promise<void> {
  const receipts: Receipt[] = []
  for (const range of await widest(folder, { start: 0, end: specs })) {
    const receipt = await readReceipt(folder, range)
    if (receipt) receipts.push(receipt)
  }
  await setDamagedAside(folder, receipts)
}

/**
 * Logs the files that specs returned and that are missing. Only their specs could write them again.
 */
async function warnOfMissingFiles(folder: Store, { tables }: RunReceipt): Promise<void> {
  const refs = tables.result_file_refs
  if (!refs) return
  const there = new Set<string>()
  for await (const { key } of folder.list('results/')) there.add(key)
  const missing: string[] = []
  for await (const row of readObjectRows(folder, refs.key, await openObjectTable(folder, refs.key, refs.bytes))) {
    for (const value of Object.values(row)) {
      const key = typeof value === 'string' ? resultKey(value) : undefined
      if (key !== undefined && !there.has(key)) missing.push(key)
    }
  }
  if (missing.length === 0) return
  const named = missing.slice(0, NAMED_FILES).map((key) => folder.uriOf(key))
  const more = missing.length > named.length ? `, and ${missing.length - named.length} more` : ''
  log.warn(
    `files that specs returned are missing, and cannot be made again but by their specs: ${named.join(', ')}${more}`,
  )
}

/**
 * Returns the key of a file that a spec returned. Its address is that of the day on which it was
 * written, and ends in the key.
 */
function resultKey(address: string): string | undefined {
  return /\/(results\/[^/]+\/\d+-\d+-[^/]+\/[^/]+)$/.exec(pathOfUri(address) ?? address)?.[1]
}
