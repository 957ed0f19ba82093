import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'

/** What a program printed as its last line of JSON, and the most memory that it and all it started held at once. */
export interface Measured<T> {
  readonly figures: T
  readonly peakBytes: number
}

const SAMPLE_MS = 100

/** Runs a program to its end. Its memory is read from /proc several times a second (0 where there is none). */
export async function measure<T>(program: string, args: readonly string[]): Promise<Measured<T>> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let peakBytes = 0
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes(child.pid!))
  }, SAMPLE_MS)
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const output = await text(child.stdout)
  const code = await ended
  clearInterval(timer)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`)
  return { figures: JSON.parse(output.trim().split('\n').at(-1)!), peakBytes }
}

/** Proportional memory of a process and everything below it: what forks share is counted once. */
function residentBytes(root: number): number {
  const children = new Map<number, number[]>()
  try {
    for (const pid of readdirSync('/proc').map(Number).filter(Boolean)) {
      const stat = readProc(`/proc/${pid}/stat`)
      const parent = Number(stat?.slice(stat.lastIndexOf(')')).split(' ')[2])
      if (parent) children.set(parent, [...(children.get(parent) ?? []), pid])
    }
  } catch {
    return 0
  }
  const below = (pid: number): number =>
    memoryOf(pid) + (children.get(pid) ?? []).reduce((sum, each) => sum + below(each), 0)
  return below(root)
}

function memoryOf(pid: number): number {
  const rollup = readProc(`/proc/${pid}/smaps_rollup`)
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup ?? '')?.[1] ?? 0) * 1024
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The process has ended.
    return undefined
  }
}
