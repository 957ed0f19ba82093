import { describe, expect, it } from 'vitest'
import { createReceiptCount } from '../../src/run/count-receipts.js'
import { openStore } from '../../src/store/open.js'
import type { Store } from '../../src/store/store.js'
import { temporaryFolder } from '../support/folders.js'
import { leaveReceipt } from './receipts.js'

/** A store that tells what is read of it and where listings begin. */
async function watched() {
  const folder = openStore(await temporaryFolder())
  const read: string[] = []
  const listed: number[] = []
  const store: Store = {
    ...folder,
    get(key) {
      read.push(key.replace(/.*receipt-0*(\d+)-0*(\d+)\.json/, '$1 to $2'))
      return folder.get(key)
    },
    list(prefix, options) {
      listed.push(Number(/\d+$/.exec(options?.after ?? '0')![0]))
      return folder.list(prefix, options)
    },
  }
  return { folder, store, read, listed }
}

describe('counting receipts', () => {
  it('reads each receipt once, and stops listing the receipts of the first rows', async () => {
    const { folder, store, read, listed } = await watched()
    const count = createReceiptCount(store, 100)
    expect(await count()).toEqual({ results: 0, errors: 0 })
    await leaveReceipt(folder, 0, 10, 1)
    await leaveReceipt(folder, 20, 30, 2)
    expect(await count()).toEqual({ results: 17, errors: 3 })
    expect(await count()).toEqual({ results: 17, errors: 3 })
    await leaveReceipt(folder, 10, 20)
    expect(await count()).toEqual({ results: 27, errors: 3 })
    await leaveReceipt(folder, 90, 100)
    expect(await count()).toEqual({ results: 37, errors: 3 })
    expect(read.sort()).toEqual(['0 to 10', '10 to 20', '20 to 30', '90 to 100'])
    expect(listed).toEqual([0, 0, 10, 10, 30])
  })

  it('counts the rows of a fan once, whether its own receipt or the receipts of its children are seen first', async () => {
    const { folder, store, read } = await watched()
    for (const start of [0, 10, 40, 50]) await leaveReceipt(folder, start, start + 10)
    const count = createReceiptCount(store, 100)
    expect(await count()).toEqual({ results: 40, errors: 0 })
    await leaveReceipt(folder, 0, 20)
    await leaveReceipt(folder, 40, 60)
    await leaveReceipt(folder, 20, 40)
    expect(await count()).toEqual({ results: 60, errors: 0 })
    expect(await createReceiptCount(store, 100)()).toEqual({ results: 60, errors: 0 })
    expect(read.slice(4).sort()).toEqual(['0 to 20', '20 to 40', '20 to 40', '40 to 60', '40 to 60'])
  })
})
