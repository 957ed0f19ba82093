import { NOT_THE_SPECS, NodeFailedError } from './errors.js'
import { writeLostBatch } from './lost-batch.js'
import type { Node, Range } from './plan.js'
import { type Deferred, deferred, mapConcurrently, rejectOnAbort } from './promises.js'
import { asReceipt, listReceipts, type Receipt, readReceipt } from './receipt.js'
import { createRemoteBatches } from './remote/batch.js'
import type { RunFolder } from './run-folder.js'
import type { Task, TaskHandle, TaskHost } from './task.js'

/** A fan's children: each is run until its receipt is there. */
export interface Children {
  /** The receipt of a child, which is spawned where it has none. Asked twice, it is one child. */
  receipt(node: Node): Promise<Receipt>
  /** The same for all of them, a window at a time, in their order. */
  receipts(nodes: readonly Node[]): Promise<Receipt[]>
  /** Settles when a worker has begun this child. */
  started(node: Node): Promise<void>
  close(): void
}

/** How often a batch is spawned before its specs become error rows. A task that the engine lost does not count. */
const TRIES = 3
/** Between two looks for receipts whose notice was lost. */
const POLL_MS = 5_000

export function createChildren(run: RunFolder, fan: Task, host: TaskHost, isLeaf: (node: Range) => boolean): Children {
  const children = new Map<number, { receipt: Promise<Receipt>; spawned: Deferred<TaskHandle> }>()
  const waiting = new Map<string, () => void>()
  const stopped = rejectOnAbort(host.signal)
  const remote = run.allocation.remote && createRemoteBatches(run, run.allocation.remote, fan, host)
  let poll: NodeJS.Timeout | undefined

  /** An engine's notice may be lost; the receipt in the store is what counts. */
  function watch() {
    if (poll || waiting.size === 0) return
    poll = setTimeout(async () => {
      try {
        for await (const range of listReceipts(run.folder, fan)) waiting.get(keyOf(range))?.()
      } catch {
        // The next look may work; a child's own read says what is wrong.
      }
      poll = undefined
      watch()
    }, POLL_MS)
    poll.unref()
  }

  async function ended(handle: TaskHandle, node: Node): Promise<unknown> {
    const noticed = deferred<void>()
    waiting.set(keyOf(node), noticed.resolve)
    watch()
    try {
      return await Promise.race([handle.done, noticed.promise, stopped])
    } finally {
      waiting.delete(keyOf(node))
    }
  }

  async function runUntilReceipt(node: Node, spawned: Deferred<TaskHandle>): Promise<Receipt> {
    const there = await readReceipt(run.folder, node)
    if (there) return there
    const leaf = isLeaf(node)
    if (leaf && remote) return remote.run(node)
    let cause: unknown
    for (let attempt = 1, lost = 0; lost < TRIES; attempt++) {
      const kind = leaf ? 'leaf' : 'fan'
      const handle = host.spawn({ ...fan, ...node, kind }, `${keyOf(node)}#${attempt}`)
      spawned.resolve(handle)
      try {
        const receipt = asReceipt(await ended(handle, node), node)
        if (receipt) return receipt
        lost += 1
      } catch (error) {
        cause = error
        if (codeOf(error) !== 'TASK_UNKNOWN') lost += 1
      }
      host.signal.throwIfAborted()
      const receipt = await readReceipt(run.folder, node)
      if (receipt) return receipt
    }
    if (!leaf || NOT_THE_SPECS.has(codeOf(cause))) throw new NodeFailedError(fan.run, node.start, node.end, { cause })
    return writeLostBatch(run, node, host, { tries: TRIES, cause })
  }

  function child(node: Node) {
    let known = children.get(node.start)
    if (!known) {
      const spawned = deferred<TaskHandle>()
      known = { receipt: runUntilReceipt(node, spawned), spawned }
      // Whoever awaits it hears of a failure; the pilot may not yet.
      known.receipt.catch(() => {})
      children.set(node.start, known)
    }
    return known
  }

  return {
    receipt: (node) => child(node).receipt,
    receipts: (nodes) => mapConcurrently(nodes, host.window, (node) => child(node).receipt),
    started: async (node) => (await child(node).spawned.promise).started(),
    close() {
      clearTimeout(poll)
      remote?.close()
    },
  }
}

function keyOf({ start, end }: Range): string {
  return `${start}-${end}`
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code)
}
