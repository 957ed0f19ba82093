import { childrenOf, isLeaf, type Node, type Plan, rootNode } from '../../src/scatter/plan.js'
import { type Receipt, readReceipt } from '../../src/scatter/receipt.js'
import type { Store } from '../../src/store/store.js'
import { openTable } from '../../src/table/file.js'
import { decodeSlice, readSlice } from '../../src/table/slice.js'
import { bytesSource } from '../../src/table/source.js'
import { type Attempts, fateOf, inputOf } from './pool.js'
import type { World } from './world.js'

type Columns = Readonly<Record<string, unknown[]>>

/** Checks a run that has ended: every spec is one row, of one attempt, the one that its receipt names. */
export async function judge(world: World, folder: Store, attempts: Attempts): Promise<void> {
  const { blame, scenario } = world
  const plan = JSON.parse(await textOf(folder, 'plan.json')) as Plan
  const run = JSON.parse(await textOf(folder, 'receipt.json')) as { specs: number; results: number; errors: number }
  if (run.results + run.errors !== scenario.specs || run.specs !== scenario.specs)
    blame(`the receipt counts ${JSON.stringify(run)}`)

  const receiptOf: Receipt[] = []
  for (const leaf of leavesOf(plan, rootNode(plan))) {
    const receipt = await readReceipt(folder, leaf)
    if (!receipt) blame(`the batch ${leaf.start}-${leaf.end} has no receipt`)
    else for (let index = leaf.start; index < leaf.end; index++) receiptOf[index] = receipt
    // A batch that was the end of its workers went on spec by spec, and its fan laid their parts together.
    if (!receipt || attempts.marks.has(receipt.attempt)) continue
    for (let index = leaf.start; index < leaf.end; index++) {
      receiptOf[index] = (await readReceipt(folder, { start: index, end: index + 1 })) ?? receipt
    }
  }

  const scalars = await tableOf(folder, 'scalars')
  const errors = await tableOf(folder, 'errors')
  const seen = new Map<unknown, number>()
  for (const index of [...scalars.sort_index!, ...(errors.sort_index ?? [])])
    seen.set(index, (seen.get(index) ?? 0) + 1)
  for (let index = 0; index < scenario.specs; index++)
    if (seen.get(index) !== 1) blame(`spec ${index} has ${seen.get(index) ?? 0} rows`)
  if (seen.size !== scenario.specs) blame(`there are rows of ${seen.size} specs, of ${scenario.specs}`)
  for (const { sort_index } of [scalars, errors])
    if (sort_index?.some((index, i) => i > 0 && (index as number) <= (sort_index[i - 1] as number)))
      blame('rows are out of order')

  const markOf = (index: unknown) => attempts.marks.get(receiptOf[index as number]?.attempt ?? '')
  const expectMark = (table: string, index: unknown, mark: unknown) => {
    if (mark !== markOf(index))
      blame(`${table}: spec ${index} has a row of attempt ${mark}; its receipt names ${markOf(index)}`)
  }
  scalars.sort_index!.forEach((index, i) => {
    expectMark('scalars', index, scalars.mark![i])
    if (scalars.x![i] !== inputOf(index as number)) blame(`spec ${index} was run with ${scalars.x![i]}`)
    if (fateOf(world, index as number, markOf(index) ?? '').isError) blame(`spec ${index} has a result, and threw`)
  })
  errors.sort_index?.forEach((index, i) => {
    if (errors.error_code![i] === 'BATCH_LOST') {
      const alone = `${index}-${(index as number) + 1}`
      const isPoison = scenario.poison.some(({ spec }) => spec === index)
      if (!isPoison || (attempts.failures.get(alone) ?? 0) < 3)
        blame(`spec ${index} is BATCH_LOST: ${errors.error_message![i]}`)
      return
    }
    expectMark('errors', index, errors.error_message![i])
    if (!fateOf(world, index as number, markOf(index) ?? '').isError)
      blame(`spec ${index} has an error, and gave a result`)
  })
  await judgeOthers(world, folder, scalars.sort_index!, markOf)
}

/** The user's table has as many rows as each result has, and each file that is named is there. */
async function judgeOthers(
  world: World,
  folder: Store,
  results: readonly unknown[],
  markOf: (index: unknown) => string | undefined,
) {
  const { blame, scenario } = world
  if (scenario.hasTable) {
    const steps = await tableOf(folder, 'steps')
    const expected = results.flatMap((index) => {
      const mark = markOf(index) ?? ''
      return Array.from({ length: fateOf(world, index as number, mark).rows }, (_, step) => `${index} ${mark} ${step}`)
    })
    const rows = (steps.sort_index ?? []).map((index, i) => `${index} ${steps.mark![i]} ${steps.step![i]}`)
    if (rows.join() !== expected.join()) blame(`steps has the rows ${rows.join()}, not ${expected.join()}`)
  }
  if (scenario.hasFiles) {
    const refs = await tableOf(folder, 'result_file_refs')
    const there = (refs.sort_index ?? []).join()
    if (there !== results.join()) blame(`result_file_refs has the specs ${there}, not ${results.join()}`)
    for (const uri of refs.file ?? [])
      if (typeof uri === 'string' && !(await folder.head(folder.keyOf(uri) ?? 'none'))) blame(`there is no file ${uri}`)
  }
}

/** What is left that no receipt names, once nothing runs and a root has swept. */
export async function judgeRest({ blame }: World, folder: Store): Promise<void> {
  const winners = new Set<string>()
  const ranges = new Set<string>()
  for await (const { key } of folder.list('receipts/')) {
    const receipt = JSON.parse(await textOf(folder, key)) as Receipt
    winners.add(receipt.attempt)
    ranges.add(rangeOf(receipt.attempt))
  }
  for await (const { key } of folder.list('')) {
    const attempt = /^parts\/([^/]+)\/|^results\/[^/]+\/([^/]+)\//.exec(key)?.slice(1).find(Boolean)
    if (attempt && !winners.has(attempt))
      blame(
        ranges.has(rangeOf(attempt)) ? `${key} was left behind` : `${key} was left behind, of a range that no plan has`,
      )
  }
}

function rangeOf(attempt: string): string {
  return attempt.split('-', 2).join('-')
}

function leavesOf(plan: Plan, node: Node): Node[] {
  return childrenOf(plan, node).flatMap((child) => (isLeaf(plan, child) ? [child] : leavesOf(plan, child)))
}

async function textOf(folder: Store, key: string): Promise<string> {
  return Buffer.from(await folder.get(key)).toString()
}

async function tableOf(folder: Store, name: string): Promise<Columns> {
  const key = `final/${name}.pq`
  if (!(await folder.head(key))) return {}
  const source = bytesSource(await folder.get(key))
  const file = await openTable(source)
  const all: Record<string, unknown[]> = {}
  for (const { name } of file.schema.columns) all[name] = []
  for (let group = 0; group < file.rowGroups.length; group++) {
    const columns = await decodeSlice(await readSlice(source, file, group))
    for (const column in all) all[column]!.push(...columns[column]!)
  }
  return all
}
