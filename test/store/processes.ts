import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('process.ts', import.meta.url))

/** A process that works on the store at an address, and reports in lines. */
export interface StoreProcess {
  readonly child: ChildProcess
  /** The next line that it prints. */
  line(): Promise<string>
}

export function startStoreProcess(
  task: 'race' | 'hang' | 'overwrite',
  address: string,
  ...args: string[]
): StoreProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', program, task, address, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    child,
    async line() {
      const { value, done } = await lines.next()
      if (done) throw new Error(`The process for ${task} ended early.`)
      return value
    },
  }
}

/** Lets several processes write the same keys at once. Gives the keys that each says it wrote. */
export async function putIfAbsentInProcesses(count: number, address: string, keys: string[]): Promise<string[][]> {
  const processes = Array.from({ length: count }, (_, i) => startStoreProcess('race', address, `process ${i}`, ...keys))
  await Promise.all(processes.map(({ line }) => line()))
  for (const { child } of processes) child.stdin!.end('go')
  return await Promise.all(
    processes.map(async ({ child, line }) => {
      const won = JSON.parse(await line())
      await once(child, 'exit')
      return won
    }),
  )
}
