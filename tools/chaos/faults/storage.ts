import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Fault as Failure, INTERNAL, SLOW_DOWN, sometimes } from '../../s3/faults.js'
import { ANY_ENGINE, type Arena, type Fault, soon } from './fault.js'

const onFolder = { engines: ANY_ENGINE, stores: ['folder'] } as const
const onS3 = { engines: ANY_ENGINE, stores: ['s3'] } as const

function failing(name: string, title: string, ...failures: Failure[]): Fault {
  return {
    name,
    title,
    ...onS3,
    async strike(arena, random) {
      const proxy = arena.place.proxy!
      const count = () => Object.values(proxy.struck).reduce((sum, times) => sum + times, 0)
      const before = count()
      proxy.fail(sometimes(random.pick([0.1, 0.3, 0.6, 1]), failures, random.next))
      try {
        await arena.wait(random.whole(1000, 6000))
        // Where nobody asked for anything meanwhile, the next who do are struck.
        await soon(arena, 10_000, () => (count() > before ? true : undefined))
      } finally {
        proxy.mend()
      }
      return count() > before
    },
  }
}

const CHUNK = Buffer.alloc(2 ** 20)

/** Writes until there is no room. */
function fill(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (let size = CHUNK.length; size >= 512; size >>= 1) while (tryWrite(file, size));
  } finally {
    closeSync(file)
  }
}

function tryWrite(file: number, size: number): boolean {
  try {
    return writeSync(file, CHUNK, 0, size) === size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}

/** `false` as long as a file is being written there. */
function remount(mount: string, mode: 'ro' | 'rw'): boolean {
  try {
    execFileSync('mount', ['-o', `remount,${mode}`, mount], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

async function rename(arena: Arena, ms: number): Promise<boolean> {
  const { folder } = arena.place
  if (!existsSync(folder)) return false
  renameSync(folder, `${folder}.away`)
  try {
    await arena.wait(ms)
  } finally {
    // What was written meanwhile, to a place that was not the store, is gone with it.
    for (let made = 0; existsSync(folder); made++) renameSync(folder, `${folder}.made-${made}`)
    renameSync(`${folder}.away`, folder)
  }
  return true
}

export const storageFaults: readonly Fault[] = [
  {
    name: 'disk-full',
    title: "the store's disk is full for some seconds",
    ...onFolder,
    needsMount: true,
    async strike(arena, random) {
      const ballast = join(arena.place.mount!, 'ballast')
      try {
        fill(ballast)
        await arena.wait(random.whole(1000, 6000))
      } finally {
        rmSync(ballast, { force: true })
      }
      return true
    },
  },
  {
    name: 'read-only',
    title: "the store's disk is read-only for some seconds",
    ...onFolder,
    needsMount: true,
    async strike(arena, random) {
      const mount = arena.place.mount!
      if (!(await soon(arena, 4_000, () => remount(mount, 'ro') || undefined))) return false
      try {
        await arena.wait(random.whole(1000, 6000))
      } finally {
        while (!remount(mount, 'rw'));
      }
      return true
    },
  },
  {
    name: 'store-away',
    title: "the store's folder is away for some seconds",
    ...onFolder,
    strike: (arena, random) => rename(arena, random.whole(500, 6000)),
  },
  failing('s3-500', 'S3 answers 500 InternalError', INTERNAL),
  failing('s3-503', 'S3 answers 503 SlowDown', SLOW_DOWN),
  failing('s3-reset', 'connections to S3 are reset', { kind: 'reset' }),
  failing('s3-cut', 'bodies to and from S3 break off', { kind: 'cut-answer' }, { kind: 'cut-request' }),
  failing('s3-lost-answer', 'S3 does what is asked, and its answer is lost', { kind: 'lost-answer' }),
  failing('s3-stall', 'S3 does not answer for some seconds', { kind: 'stall', ms: 8000 }),
]
