import type { Store } from '../store/store.js'
import { readReceipt } from './receipt.js'

/**
 * Removes the objects of attempts that no receipt names. Called when every range has its receipt.
 */
export async function sweep(folder: Store): Promise<void> {
  // A batch's winner always has parts, so an attempt that is alone at its range won, and its
  // receipt need not be read. A winner that merged the parts of others may have no parts of its
  // own: then the range before it, in the order of keys, begins at the same row.
  await sweepUnder(folder, 'parts/', (attempts, before) => attempts.length > 1 || startOf(attempts) === startOf(before))
  // The winner may have had no files, so a lone attempt may have lost.
  for (const field of await folder.listFolders('results/')) await sweepUnder(folder, `results/${field}/`, () => true)
}

async function sweepUnder(
  folder: Store,
  prefix: string,
  isDoubtful: (attempts: readonly string[], before: readonly string[]) => boolean,
) {
  let before: readonly string[] = []
  for await (const attempts of attemptsByRange(folder, prefix)) {
    const doubtful = isDoubtful(attempts, before)
    before = attempts
    if (!doubtful) continue
    const [start, end] = attempts[0]!.split('-').map(Number) as [number, number]
    const receipt = await readReceipt(folder, { start, end })
    // Without a receipt, the winner is not known: leave all attempts.
    if (!receipt) continue
    for (const attempt of attempts) {
      if (attempt === receipt.attempt) continue
      const rest: string[] = []
      for await (const { key } of folder.list(`${prefix}${attempt}/`)) rest.push(key)
      await folder.delete(rest)
    }
  }
}

function startOf([first]: readonly string[]): string | undefined {
  return first?.split('-', 1)[0]
}

/**
 * Yields the attempts under a prefix, grouped by range. Their names begin with the range, so the
 * order of keys groups them.
 */
async function* attemptsByRange(folder: Store, prefix: string): AsyncGenerator<string[]> {
  let range = ''
  let attempts: string[] = []
  for await (const { key } of folder.list(prefix)) {
    const attempt = key.slice(prefix.length).split('/')[0]!
    const ofRange = attempt.split('-', 2).join('-')
    if (ofRange !== range) {
      if (attempts.length > 0) yield attempts
      range = ofRange
      attempts = []
    }
    if (attempts.at(-1) !== attempt) attempts.push(attempt)
  }
  if (attempts.length > 0) yield attempts
}
