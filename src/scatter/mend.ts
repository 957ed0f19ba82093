import { mapConcurrently } from '../async/concurrency.js'
import { log } from '../settings/log.js'
import type { Store } from '../store/store.js'
import { checkTable } from './check-table.js'
import { PartDamagedError, ReceiptsChangedError } from './errors.js'
import { listReceipts, type Part, type Receipt, readReceipt, setReceiptAside } from './receipt.js'

/**
 * Number of times a fan gathers before it fails because of damaged parts. A store that damages
 * parts again and again is for its owner to repair.
 */
const ROUNDS = 3
/** Number of parts that are checked at a time. */
const CHECKS_AT_ONCE = 4

/**
 * Gathers the parts that receipts name. If a part is damaged, sets aside the receipts that name a
 * damaged part, and collects receipts again, so that their ranges, and no others, run again.
 */
export async function gatherWhole<T>(
  folder: Store,
  collect: () => Promise<Receipt[]>,
  gather: (receipts: Receipt[]) => Promise<T>,
): Promise<T> {
  for (let round = 1; ; round++) {
    const receipts = await collect()
    try {
      return await gather(receipts)
    } catch (error) {
      if (error instanceof ReceiptsChangedError && round < ROUNDS) continue
      if (!(error instanceof PartDamagedError) || round === ROUNDS) throw error
      log.warn(error.message.replace(/ Resume the run\.$/, ''))
      await setDamagedAside(folder, receipts)
    }
  }
}

/**
 * Checks every part of these receipts, and sets aside the receipts that name a damaged part.
 * Resolves with the number of damaged parts.
 */
export async function setDamagedAside(folder: Store, receipts: readonly Receipt[]): Promise<number> {
  const damaged = new Map<string, string>()
  await mapConcurrently(receipts.flatMap(partsOf), CHECKS_AT_ONCE, async (part) => {
    try {
      await checkTable(folder, part)
    } catch (error) {
      if (!(error instanceof PartDamagedError)) throw error
      damaged.set(part.key, error.problem)
    }
  })
  for (const receipt of receipts) await setNamingAside(folder, receipt, damaged)
  return damaged.size
}

/**
 * Sets aside a receipt that names a damaged part. A fan's receipt names large parts of the batches
 * below it as they are, so the receipts of those batches are set aside, too.
 */
async function setNamingAside(folder: Store, receipt: Receipt, damaged: ReadonlyMap<string, string>): Promise<void> {
  const named = (candidate: Receipt) => partsOf(candidate).find(({ key }) => damaged.has(key))
  if (!named(receipt)) return
  for await (const range of listReceipts(folder, receipt)) {
    const candidate = await readReceipt(folder, range)
    const part = candidate && named(candidate)
    if (part) await setReceiptAside(folder, candidate, `${part.key}, which it names, is damaged`)
  }
}

function partsOf({ tables }: Receipt): Part[] {
  return Object.values(tables).flat()
}
