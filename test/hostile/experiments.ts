import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ExperimentContext, ExperimentRegistry, fileReference } from 'scythe-engine'
import { z } from 'zod'
import { deeds } from './deeds.js'

/** Runs a good spec if `deed` is empty, else the deed of that name. */
export const hostile = ExperimentRegistry.register({
  name: 'hostile',
  input: z.object({ n: z.int(), deed: z.string() }),
  output: z.object({
    number: z.int(),
    check: z.string(),
    any: z.unknown().optional(),
    int: z.int().optional(),
    text: z.string().optional(),
    list: z.array(z.number()).optional(),
    when: z.date().optional(),
    report: fileReference().optional(),
  }),
  tables: { levels: z.object({ level: z.number() }) },
  executionTimeout: '2s',
  memory: '300MB',
})(async function hostile({ n, deed }, ctx) {
  const known = deeds[deed]
  const returned = known ? await known.do(() => healthy(n, ctx), ctx) : await rested(n, ctx)
  return returned as ReturnType<typeof healthy>
})

/** Good specs wait now and then, so that what others left behind has its turn. */
async function rested(n: number, ctx: ExperimentContext) {
  const result = healthy(n, ctx)
  if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  return result
}

/** A result that shows whether the process is as it was: each part comes out otherwise if something that it uses was changed. */
function healthy(n: number, ctx: ExperimentContext) {
  const path = join(ctx.tempdir, 'note.txt')
  writeFileSync(path, `note ${n}`)
  const inherited: string[] = []
  for (const key in {}) inherited.push(key)
  const parts = {
    sine: Math.sin(n) + Math.max(n, 1),
    list: [...[1, 2, 3].map((part) => part * n)],
    map: new Map([[n, 'found']]).get(n),
    bytes: Buffer.from(`ü${n}`).toString('hex'),
    parsed: JSON.parse(`{"a":[${n}]}`),
    copy: structuredClone({ n }),
    words: 'a b c'.split(' ').slice(1),
    match: /b(.)/.exec(`b${n}`)?.[1],
    inherited,
    cwd: process.cwd(),
    mode: statSync(path).mode & 0o777,
    note: readFileSync(path, 'utf8'),
    path: typeof process.env.PATH,
    options: process.env.NODE_OPTIONS ?? null,
    user: process.geteuid?.() ?? null,
    exitCode: process.exitCode ?? null,
    argv: process.argv.length > 1,
    clock: Date.now() > 1.7e12 && performance.now() > 0 && process.hrtime()[0] > 0,
    stack: (new Error('x').stack ?? '').split('\n').length > 1,
  }
  return { number: n, check: JSON.stringify(parts), tables: { levels: [{ level: n / 2 }] } }
}
