import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startScythe } from '../cli/scythe.js'

/** A worker as a process of its own, as compiled. */
export interface WorkerProcess {
  readonly child: ChildProcess
  /** Settles when it has said something like this. */
  said(words: RegExp): Promise<void>
  /** Its exit code, and all that it said. */
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
}

/** Starts `scythe worker` in a folder. It ends with the test file. */
export function startWorker(folder: string, modules: readonly string[], env: NodeJS.ProcessEnv): WorkerProcess {
  return watchWorker(startScythe(folder, ['worker', ...modules], env))
}

export function watchWorker(child: ChildProcess): WorkerProcess {
  const lines: string[] = []
  let heard = () => {}
  createInterface({ input: child.stderr! }).on('line', (line) => {
    lines.push(line)
    heard()
  })
  child.stdout?.resume()
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr: lines.join('\n') }))
  return {
    child,
    ended,
    async said(words) {
      const silent = ended.then(({ stderr }) => {
        throw new Error(`It never said ${words}, but: ${stderr}`)
      })
      while (!words.test(lines.join('\n'))) {
        await Promise.race([silent, new Promise<void>((resolve) => (heard = resolve))])
      }
      silent.catch(() => {})
    },
  }
}
