import { setTimeout as sleep } from 'node:timers/promises'
import { createSemaphore, mapConcurrently } from '../async/concurrency.js'
import { type Deferred, deferred, rejectOnAbort } from '../async/promises.js'
import { NONE } from '../store/patience.js'
import { isFinal, liesWithSpecs, NodeFailedError } from './errors.js'
import { gatherReceipts } from './gather.js'
import { writeLostBatch } from './lost-batch.js'
import { gatherWhole } from './mend.js'
import type { Node, Range } from './plan.js'
import { asReceipt, findReceipt, listReceipts, type Receipt, readReceipt } from './receipt.js'
import { createRemoteBatches } from './remote/batch.js'
import type { RunFolder } from './run-folder.js'
import type { Task, TaskEnd, TaskHandle, TaskHost } from './task.js'

/** The children of a fan. Each runs until its receipt is stored. */
export interface Children {
  /**
   * Resolves with a child's receipt. Spawns the child if it has no receipt yet; a second call does
   * not spawn it again.
   */
  receipt(node: Node): Promise<Receipt>
  /**
   * Resolves with the receipts of all nodes, in their order. Runs `TaskHost.window` nodes at a
   * time.
   */
  receipts(nodes: readonly Node[]): Promise<Receipt[]>
  /** Resolves when a worker begins this child. */
  started(node: Node): Promise<void>
  close(): void
}

/**
 * Number of times a batch is spawned before its fan fails. A task that the engine lost does not
 * count.
 */
const ATTEMPTS = 3
/**
 * Pauses before the second and the third attempt, in ms. Each is up to a half longer or shorter, to
 * spread the attempts.
 */
const PAUSES_MS = [500, 2_000]
/** Interval between two polls for receipts whose notification was lost, in ms. */
const POLL_MS = 5_000

export function createChildren(run: RunFolder, fan: Task, host: TaskHost, isLeaf: (node: Range) => boolean): Children {
  const children = new Map<string, { receipt: Promise<Receipt>; spawned: Deferred<TaskHandle> }>()
  const waiting = new Map<string, () => void>()
  const over = new AbortController()
  // A fan that fails stops its children. That is not a failure of theirs.
  const signal = AbortSignal.any([host.signal, over.signal])
  const stopped = rejectOnAbort(signal)
  const glance = run.folder.patient(NONE)
  // Specs that run alone do so one at a time: a worker that one of them ends must not take others
  // with it.
  const oneAlone = createSemaphore(1).run
  const remote = run.allocation.remote && createRemoteBatches(run, run.allocation.remote, fan, host)
  let poll: NodeJS.Timeout | undefined

  /**
   * Polls for receipts, because an engine's notification may be lost. Only the receipt in the store
   * counts.
   */
  function watch() {
    if (poll || waiting.size === 0) return
    poll = setTimeout(async () => {
      try {
        for await (const range of listReceipts(glance, fan)) {
          const notice = waiting.get(keyOf(range))
          // A damaged receipt is listed like any other.
          if (notice && (await readReceipt(glance, range))) notice()
        }
      } catch {
        // The next poll may succeed. A child's own read reports the error.
      }
      poll = undefined
      watch()
    }, POLL_MS)
    poll.unref()
  }

  async function pause(ms: number): Promise<void> {
    await Promise.race([sleep(ms * (0.5 + Math.random()), undefined, { ref: false }), stopped])
  }

  /**
   * Resolves with the outcome of a child, or with `undefined` if its receipt is stored although the
   * engine reported no outcome.
   */
  async function ended(handle: TaskHandle, node: Node): Promise<TaskEnd | undefined> {
    const noticed = deferred<undefined>()
    waiting.set(keyOf(node), () => noticed.resolve(undefined))
    watch()
    try {
      return await Promise.race([handle.done, noticed.promise, stopped])
    } finally {
      waiting.delete(keyOf(node))
    }
  }

  async function runUntilReceipt(node: Node, spawned: Deferred<TaskHandle>, isAlone = false): Promise<Receipt> {
    const { value: there, generation } = await findReceipt(run.folder, node)
    if (there) return there
    const leaf = isLeaf(node)
    if (leaf && remote) return remote.run(node)
    const causes: unknown[] = []
    for (let attempt = 1; causes.length < ATTEMPTS; attempt++) {
      signal.throwIfAborted()
      const kind = leaf ? 'leaf' : 'fan'
      // After a receipt was set aside, the key is another one: the engine may keep the old receipt
      // under the old key.
      const key = `${keyOf(node)}${generation === 0 ? '' : `.${generation}`}${isAlone ? ' alone' : ''}`
      const handle = host.spawn({ ...fan, ...node, kind }, `${key}#${attempt}`)
      spawned.resolve(handle)
      const end = await ended(handle, node)
      const returned = end?.status === 'returned' && asReceipt(end.value, node)
      if (returned) return returned
      if (!end || end.status === 'returned') causes.push(new Error('It ended without a receipt.'))
      else if (end.status !== 'lost') causes.push(end.error)
      signal.throwIfAborted()
      const receipt = await readReceipt(run.folder, node)
      if (receipt) return receipt
      if (isFinal(causes.at(-1))) break
      // A worker that failed at once is the first to be free, and would receive the task again.
      if (causes.length < ATTEMPTS) await pause(PAUSES_MS[causes.length - 1] ?? 0)
    }
    const cause = causes.findLast((cause) => !liesWithSpecs(cause)) ?? causes.at(-1)
    if (!leaf || !liesWithSpecs(cause)) throw new NodeFailedError(fan.run, node.start, node.end, { cause })
    if (isAlone) return writeLostBatch(run, node, host, { attempts: causes.length, cause })
    return runApart(node)
  }

  /**
   * Runs the specs of a batch one by one, after its workers died. Only a spec that ends its worker
   * again when it runs alone is to blame.
   */
  async function runApart({ start, end, depth }: Node): Promise<Receipt> {
    const specs = Array.from({ length: end - start }, (_, i) => ({ start: start + i, end: start + i + 1, depth }))
    const collect = () =>
      mapConcurrently(specs, host.window, (spec) => oneAlone(() => runUntilReceipt(spec, deferred(), true)))
    if (specs.length === 1) return (await collect())[0]!
    return gatherWhole(run.folder, collect, (receipts) => gatherReceipts(run, { start, end }, host, receipts))
  }

  function child(node: Node) {
    let known = children.get(keyOf(node))
    if (!known) {
      const spawned = deferred<TaskHandle>()
      known = { receipt: runUntilReceipt(node, spawned), spawned }
      // A caller that awaits the receipt gets the failure; the pilot may not await it yet.
      known.receipt.catch(() => {})
      children.set(keyOf(node), known)
    }
    return known
  }

  return {
    receipt: (node) => child(node).receipt,
    receipts: (nodes) => mapConcurrently(nodes, host.window, (node) => child(node).receipt),
    started: async (node) => (await child(node).spawned.promise).started(),
    close() {
      over.abort(new Error('The fan has ended.'))
      clearTimeout(poll)
      remote?.close()
    },
  }
}

function keyOf({ start, end }: Range): string {
  return `${start}-${end}`
}
