import { exec, execFileSync } from 'node:child_process'
import { openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Deed, type Deeds, either, error, FAILED, forever, overtime, result, spin } from '../deed.js'

/** Whichever limit a busy machine meets first. */
const MEMORY = ['SPEC_OUT_OF_MEMORY', 'SPEC_CRASHED', 'SPEC_TIMED_OUT']

const memory = (act: () => unknown): Deed => ({ ...error(MEMORY, act), slow: true })

export const resourcesDeeds: Deeds = {
  'loop for ever': overtime(() => spin()),
  'wait for ever': overtime(forever),
  'block for ever': overtime(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)),
  'search a text for ever': overtime(() => /^(a+)+$/.test(`${'a'.repeat(64)}b`)),
  'fill the heap': memory(() => {
    const kept: unknown[] = []
    for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => `${kept.length} ${i}`))
  }),
  'fill a map': memory(() => {
    const map = new Map<number, unknown>()
    for (let i = 0; ; i++) map.set(i, { i })
  }),
  'fill buffers': memory(() => {
    const kept: Buffer[] = []
    for (;;) kept.push(Buffer.alloc(8e6, 1))
  }),
  'fill the heap bit by bit': memory(async () => {
    const kept: unknown[] = []
    for (;;) {
      kept.push(Buffer.alloc(8e6, 1))
      await new Promise((next) => setImmediate(next))
    }
  }),
  'fill the heap of a thread': {
    right: 'error',
    codes: [...MEMORY, ...FAILED, 'SPEC_TIMED_OUT'],
    slow: true,
    async do() {
      const worker = new Worker('const kept = []; for (;;) kept.push(new Array(1e5).fill(1.5 + kept.length))', {
        eval: true,
      })
      await new Promise((_, reject) => worker.on('error', reject))
    },
  },
  'make a text that is too long': error([...FAILED, ...MEMORY], () => 'x'.repeat(2 ** 29).concat('x'.repeat(2 ** 29))),
  'call itself for ever': error([...FAILED, ...MEMORY], () => {
    const again = (n: number): number => again(n + 1) + 1
    return again(0)
  }),
  'call itself for ever in JSON': error(FAILED, () => {
    const nested: { next?: unknown } = {}
    let last = nested
    for (let i = 0; i < 1e5; i++) last = last.next = {}
    return JSON.stringify(nested)
  }),
  'open files until there is no more': either(() => {
    try {
      for (let i = 0; i < 1e5; i++) openSync('/dev/null', 'r')
    } catch {
      // No more are allowed.
    }
  }),
  'start twenty programs': result(() => {
    for (let i = 0; i < 20; i++) exec('sleep 1000')
  }),
  'start a program that goes away': result(() => {
    execFileSync('sh', ['-c', 'sleep 1000 >/dev/null 2>&1 &'])
  }),
  'start ten threads that never end': result(() => {
    for (let i = 0; i < 10; i++) new Worker('setInterval(() => {}, 1000)', { eval: true })
  }),
  'fill its temporary folder': result((_, ctx) => {
    for (let i = 0; i < 200; i++) writeFileSync(join(ctx.tempdir, `${i}`), Buffer.alloc(100_000))
  }),
  'remove all temporary folders beside it': either((_, ctx) =>
    rmSync(join(ctx.tempdir, '..'), { recursive: true, force: true }),
  ),
  'put a file in the place of its folder': either((_, ctx) => {
    rmSync(ctx.tempdir, { recursive: true })
    writeFileSync(ctx.tempdir, 'file')
  }),
  'keep 200 MB': result(() => {
    ;(globalThis as { kept?: unknown }).kept = Buffer.alloc(200e6, 1)
  }),
  'take 1.5 s of 2': { ...result(() => spin(1500)), slow: true },
  'wait beyond its time without a sign': { ...overtime(() => new Promise((resolve) => setTimeout(resolve, 60_000))) },
  'return just after its time': { ...error(['SPEC_TIMED_OUT'], () => spin(2100)), slow: true },
}
