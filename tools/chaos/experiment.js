// What chaos runs: one experiment whose specs say what becomes of them. Rows depend on the spec alone, so whatever another spec
// did to the process shows in them: `here` and `sine` are the same in every row of a run that is right.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ExperimentRegistry, fileReference } from 'scythe-engine'
import { z } from 'zod'

const MEGABYTES = 2 ** 20
const home = process.cwd()

function compute(n, turns) {
  let x = n + 1
  for (let turn = 0; turn < turns; turn++) x = (x * 1103515245 + 12345) % 2147483648
  return x
}

const rowsOf = (n, count) =>
  Array.from({ length: count }, (_, row) => ({ row, word: `w${n}-${row}`, part: (n * row) / 8 }))

/** What a kind does beside computing its row; what it gives is laid over the row. */
const kinds = {
  plain: () => ({}),
  text: ({ n }) => ({ label: `Größe ${n} – "${'✓'.repeat(n % 7)}",\n\t${n}` }),
  json: ({ n }) => ({
    extra: { n, deep: [{ a: [n, null, 'x'] }, { b: { c: n % 2 === 0 } }] },
    list: [n, n / 2, n / 4],
  }),
  table: ({ n }) => ({ tables: { pieces: rowsOf(n, n % 5) } }),
  wide: ({ n }) => ({ label: 'x'.repeat(2000 + (n % 100)), tables: { pieces: rowsOf(n, 40) } }),
  file: ({ n }, ctx) => {
    const report = join(ctx.tempdir, `report ${n % 3}.txt`)
    writeFileSync(report, `report of ${n}\n`.repeat(1 + (n % 50)))
    return { report }
  },
  slow: async ({ ms }) => void (await sleep(ms)),
  busy: ({ n, ms }) => ({ score: compute(n, ms * 20_000) }),
  retries: (_, ctx) => {
    if (ctx.attempt === 1) throw new Error('only the first time')
  },
  throws: ({ n }) => {
    throw new TypeError(`no value for ${n}`)
  },
  wrong: () => ({ twice: 'two' }),
  unreadable: () => {
    const trap = () => {
      throw new Error('trapped')
    }
    throw new Proxy({}, { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap })
  },
  unencodable: () => ({
    extra: {
      toJSON() {
        throw new Error('not as JSON')
      },
    },
  }),
  exit: () => process.exit(3),
  segv: async () => {
    process.kill(process.pid, 'SIGSEGV')
    await sleep(60_000)
  },
  overtime: () => {
    for (;;);
  },
  greedy: async () => {
    const held = []
    for (;;) {
      // So much at once that it is over its memory long before its time, however busy the machine is.
      held.push(Buffer.alloc(200 * MEGABYTES, 1))
      await sleep(1)
    }
  },
  late: () => void setTimeout(() => Promise.reject(new Error('too late')), 5),
  chdir: () => process.chdir('/'),
  sine: () => {
    Math.sin = () => 42
  },
  lingers: () => void setInterval(() => {}, 5),
  blocks: () =>
    void setTimeout(() => {
      for (;;);
    }, 20),
  disconnects: () => process.disconnect(),
  prototype: () => {
    Object.prototype.left = 'behind'
  },
}

async function run(spec, ctx) {
  const { n, kind } = spec
  const here = process.cwd() === home
  const sine = Math.sin(1)
  const more = await kinds[kind](spec, ctx)
  return {
    twice: n * 2,
    score: compute(n, 100),
    label: `spec ${n}`,
    here,
    sine,
    list: [],
    extra: null,
    tables: { pieces: [] },
    ...more,
  }
}

const options = {
  input: z.object({ n: z.int(), kind: z.string(), ms: z.int() }),
  output: z.object({
    twice: z.int(),
    score: z.number(),
    label: z.string(),
    here: z.boolean(),
    sine: z.number(),
    list: z.array(z.number()),
    extra: z.unknown(),
    report: fileReference().optional(),
  }),
  tables: { pieces: z.object({ row: z.int(), word: z.string(), part: z.number() }) },
  executionTimeout: 2500,
  memory: '300MB',
}

/** The same twice: what a try too many is laid to a spec shows only where there is none to spare. */
export const once = ExperimentRegistry.register({ ...options, name: 'chaos_once' })((spec, ctx) => run(spec, ctx))
export const twice = ExperimentRegistry.register({
  ...options,
  name: 'chaos_twice',
  retries: 1,
  backoff: { seconds: 0.05 },
})((spec, ctx) => run(spec, ctx))
