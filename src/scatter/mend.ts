import { mapConcurrently } from '../async/concurrency.js'
import { log } from '../settings/log.js'
import type { Store } from '../store/store.js'
import { checkTable } from './check-table.js'
import { PartDamagedError, ReceiptsChangedError } from './errors.js'
import { listReceipts, type Part, type Receipt, readReceipt, setReceiptAside } from './receipt.js'

/** How often a fan has damaged parts made again. A store that damages them again and again is for its owner to mend. */
const ROUNDS = 3
/** Parts that are checked at once. */
const CHECKS_AT_ONCE = 4

/**
 * Gathers what receipts name. Where a part turns out to be damaged, the receipts that name one are set aside and collected anew, so that
 * their ranges run again, and only those.
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

/** Checks every part of these receipts, and sets aside those that name a damaged one. Gives the number of damaged parts. */
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

/** A fan's receipt names large parts of the batches below it as they are: then theirs are set aside, too. */
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
