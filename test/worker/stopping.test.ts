import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/folders.js'
import { isAlive } from '../support/processes.js'

const FIXTURE = fileURLToPath(new URL('fixtures/serving.ts', import.meta.url))

interface Worker {
  readonly child: ChildProcess
  /** Settles when it has said something like this. */
  said(words: RegExp): Promise<RegExpExecArray>
  /** The processes that have begun a spec, when there is one. */
  begun(): Promise<number[]>
  /** Specs end from now on, which go on for ever until then. */
  endSpecs(): void
  ended(): Promise<{ code: number | null; stdout: string; stderr: string }>
  readonly folder: string
}

async function startWorker(specs: number, env: NodeJS.ProcessEnv = {}): Promise<Worker> {
  const folder = await temporaryFolder()
  const [calls, enough] = [join(folder, 'calls'), join(folder, 'enough')]
  const child = spawn(process.execPath, ['--import', 'tsx', FIXTURE, calls, enough, String(specs)], {
    env: { PATH: process.env.PATH, SCYTHE_STORAGE_FOLDER: join(folder, 'store'), TMPDIR: folder, ...env },
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const lines: string[] = []
  let heard = () => {}
  createInterface({ input: child.stderr! }).on('line', (line) => {
    lines.push(line)
    heard()
  })
  const stdout = text(child.stdout!)
  const closed = once(child, 'close')
  return {
    child,
    folder,
    async said(words) {
      for (;;) {
        const said = words.exec(lines.join('\n'))
        if (said) return said
        const ended = closed.then(() => {
          throw new Error(`It never said ${words}, but: ${lines.join('\n')}`)
        })
        await Promise.race([ended, new Promise<void>((resolve) => (heard = resolve))])
      }
    },
    async begun() {
      for (;;) {
        // It is there, and empty, before its first line is.
        const text = existsSync(calls) ? readFileSync(calls, 'utf8') : ''
        if (text.endsWith('\n')) return text.trim().split('\n').map(Number)
        if (child.exitCode !== null) throw new Error(lines.join('\n'))
        await sleep(10)
      }
    },
    endSpecs: () => writeFileSync(enough, ''),
    async ended() {
      const [code] = await closed
      return { code, stdout: await stdout, stderr: lines.join('\n') }
    },
  }
}

describe('a worker that is asked to stop', () => {
  it('finishes its tasks in flight, and leaves nothing behind', async () => {
    const worker = await startWorker(1)
    const pids = await worker.begun()
    worker.child.kill('SIGTERM')
    await worker.said(/stopping/)
    worker.endSpecs()
    const { code, stdout, stderr } = await worker.ended()
    expect(stderr).toMatch(/^scythe: stopping: finishing 2 tasks, at most 25s \(SIGTERM\)$/m)
    expect({ code, stdout: stdout.trim().split('\n').sort() }).toEqual({ code: 0, stdout: ['left', 'the run is done'] })
    expect(pids.filter(isAlive)).toEqual([])
    expect((await readdir(worker.folder)).filter((name) => name.startsWith('scythe-'))).toEqual([])
  })

  it('ends at once, with its processes, if it is asked twice', async () => {
    const worker = await startWorker(1)
    const pids = await worker.begun()
    worker.child.kill('SIGTERM')
    await worker.said(/stopping/)
    worker.child.kill('SIGINT')
    expect(await worker.ended()).toMatchObject({ code: 130, stdout: '' })
    while (pids.some(isAlive)) await sleep(10)
  })

  it('ends unfinished tasks at the end of the drain', async () => {
    const worker = await startWorker(1, { SCYTHE_WORKER_DRAIN: '100ms' })
    const pids = await worker.begun()
    worker.child.kill('SIGTERM')
    await worker.said(/stopping: finishing 2 tasks, at most 100ms/)
    while (pids.some(isAlive)) await sleep(10)
  })

  it('shuts down by itself at the limits in its settings', async () => {
    const worker = await startWorker(0, { SCYTHE_WORKER_IDLE_EXIT: '50ms' })
    const { code, stdout, stderr } = await worker.ended()
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'left\n' })
    expect(stderr).toMatch(/^scythe: stopping: no task in hand \(no task for 50ms\)$/m)
  })
})

describe('a worker that serves', () => {
  it('reports what it is, and its health', async () => {
    const worker = await startWorker(0, {
      SCYTHE_WORKER_HEALTH_PORT: '0',
      SCYTHE_WORKER_HAS_GPU: 'yes',
      SCYTHE_WORKER_LIFETIME: '1d',
    })
    const [, port] = await worker.said(/health +http:\/\/localhost:(\d+)\/health$/m)
    const [said] = await worker.said(/^scythe: worker[\s\S]*/m)
    expect(said.split('\n').map((line) => line.replace(/file:.*|localhost.*/, '…'))).toEqual([
      'scythe: worker w1 is ready',
      '  slots          1',
      '  durable slots  1000',
      '  labels         has_gpu',
      '  roles          fan, leaf',
      '  experiments    scythe_experiment_wait',
      '  engine         local',
      '  store          …',
      '  health         http://…',
    ])
    const health = async () => {
      const response = await fetch(`http://127.0.0.1:${port}/health`)
      return { status: response.status, ...((await response.json()) as { reasons: string[] }) }
    }
    let now = await health()
    while (now.reasons.some((reason) => reason.includes('not checked yet'))) now = await health()
    expect(now).toMatchObject({
      status: 'ok',
      reasons: [],
      name: 'w1',
      labels: { has_gpu: 'yes' },
      roles: ['fan', 'leaf'],
      slots: { leaf: { inUse: 0, limit: 1 }, fan: { inUse: 0, limit: 1000 } },
      experiments: ['scythe_experiment_wait'],
      engine: 'local',
    })
    worker.child.kill('SIGTERM')
    expect((await worker.ended()).code).toBe(0)
  })
})
