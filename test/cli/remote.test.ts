import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Hatchet, hasEngine, startHatchet } from '../support/engine.js'
import { ended, fixture, scythe, startScythe } from './scythe.js'

const GROWTH = fixture('growth.ts')
const SHADOWS = fixture('shadows.ts')
const WAIT = { timeout: 200_000, interval: 200 }

describe.skipIf(!(await hasEngine('the command line on an engine elsewhere')))(
  'the command line with a remote engine',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'scythe-cli-'))
    let hatchet: Hatchet

    beforeAll(async () => {
      hatchet = await startHatchet()
      await startWorker()
    })
    afterAll(async () => {
      await hatchet?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    /** Serves both experiments. */
    async function startWorker(env: NodeJS.ProcessEnv = {}): Promise<void> {
      const child = startScythe(folder, ['worker', GROWTH, SHADOWS], {
        ...hatchet.env,
        SCYTHE_WORKER_SLOTS: '2',
        SCYTHE_WORKER_HEALTH_PORT: '0',
        ...env,
      })
      child.stdout!.resume()
      await said(child, /is ready/)
    }

    const start = (...args: string[]) => startScythe(folder, args, hatchet.env)
    const call = (...args: string[]) => scythe(folder, args, { env: hatchet.env })
    async function json(...args: string[]) {
      const { code, stdout } = await call(...args, '--json')
      return { exit: code, ...JSON.parse(stdout) }
    }

    function specs(name: string, rows: readonly object[]): string {
      writeFileSync(join(folder, name), rows.map((row) => JSON.stringify(row)).join('\n'))
      return name
    }
    const heights = [1, 2, 3].map((height) => ({ height }))

    it('runs a run on workers, and exits by itself', async () => {
      const { code, stdout, stderr } = await call('run', GROWTH, '--specs', specs('plants.jsonl', [{ n: 1 }, { n: 2 }]))
      expect(code).toBe(0)
      const [id] = stdout.split('\n')
      expect(stderr).toContain(`scythe: ${id} runs on the Hatchet engine at ${hatchet.grpcAddress}\n`)
      expect(stdout).toContain('2 results and 0 errors of 2 specs')
      // This process loads the module, and runs nothing of it.
      expect(stderr).not.toContain('began')
      expect((await call('cancel', 'latest')).stdout).toBe(`${id} is done: there is nothing to stop.\n`)
    })

    it('rejects --slots, which workers set, and rejects --detach if the engine is in the process of the command', async () => {
      const args = ['run', GROWTH, '--specs', specs('one.jsonl', [{ n: 1 }])]
      expect(await json(...args, '--slots', '2')).toMatchObject({
        exit: 2,
        error: { code: 'USAGE', message: expect.stringContaining('SCYTHE_WORKER_SLOTS') },
      })
      const local = { env: { SCYTHE_ENGINE: 'local' } }
      expect(await scythe(folder, [...args, '--detach'], local)).toMatchObject({ code: 2, stdout: '' })
    })

    it('reports an engine that cannot be used before anything is stored', async () => {
      const before = await json('list')
      const away = { ...hatchet.env, HATCHET_CLIENT_HOST_PORT: '127.0.0.1:9' }
      const { code, stderr } = await scythe(folder, ['run', GROWTH, '--specs', 'plants.jsonl'], { env: away })
      expect(code).toBe(1)
      expect(stderr).toContain(
        'The engine hatchet cannot be used: 127.0.0.1:9 does not answer (connect ECONNREFUSED 127.0.0.1:9). ' +
          'See that it runs there, or set HATCHET_CLIENT_HOST_PORT to where it does.\n',
      )
      expect(stderr).not.toContain('scythe resume')
      expect(await json('list')).toEqual(before)
    })

    it('reports a run that no worker can accept, detaches from it, and finds it done when a worker connects', async () => {
      const { exit, run } = await json('run', SHADOWS, '--specs', specs('shadows.jsonl', heights), '--detach')
      expect({ exit, run }).toEqual({
        exit: 0,
        run: expect.stringMatching(/^scythe_experiment_cast_shadow\/v1\.0\.0\//),
      })
      expect(await json('status', 'latest')).toMatchObject({ run, open: 3, waitingFor: ['has_gpu'] })
      expect((await call('status', 'latest')).stdout).toMatch(/^waiting for has_gpu$/m)
      expect((await json('list')).runs.at(-1)).toMatchObject({ run, open: 3, state: 'open' })
      expect(await json('results', 'latest')).toMatchObject({ exit: 2, error: { code: 'RUN_NOT_DONE' } })
      expect(await json('errors', 'latest')).toMatchObject({ exit: 2, error: { code: 'RUN_NOT_DONE' } })

      const follower = start('resume', 'latest')
      const followed = ended(follower)
      await said(follower, /waiting for has_gpu/)
      follower.kill('SIGINT')
      const { code, stdout, stderr } = await followed
      expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
      expect(stderr).toContain(`scythe: ${run} goes on without this terminal.\n`)
      for (const way of ['status', 'resume', 'cancel']) expect(stderr).toContain(`  scythe ${way} ${run} `)

      await startWorker({ SCYTHE_WORKER_HAS_GPU: 'true' })
      await expect
        .poll(() => json('status', 'latest'), WAIT)
        .toMatchObject({ results: 3, tables: { scalars: { rows: 3 } } })
      expect(await json('status', 'latest')).not.toHaveProperty('waitingFor')
    })

    it('stops a run from another terminal, and resumes it from what is done', async () => {
      const calls = join(folder, 'calls.txt')
      const plants = Array.from({ length: 60 }, (_, n) => ({ n, calls, ms: n < 10 ? 0 : 600_000 }))
      const follower = start('run', GROWTH, '--specs', specs('slow.jsonl', plants), '--batch', '2')
      const followed = ended(follower)
      // A long one has begun.
      await expect.poll(() => existsSync(calls) && /^\d\d$/m.test(readFileSync(calls, 'utf8')), WAIT).toBe(true)
      const { stdout } = await call('cancel', 'latest')
      expect(stdout).toMatch(/^(\S+) is stopped; what is done is kept\. Resume it: scythe resume \1\n$/)
      expect(await followed).toMatchObject({
        code: 130,
        stdout: '',
        stderr: expect.stringMatching(/Stopped; .* resume /),
      })
      expect(await json('cancel', 'latest')).toMatchObject({ exit: 0, state: 'cancelled' })
      const { open, state } = await json('status', 'latest')
      expect(state).toBe('cancelled')
      expect(open).toBeGreaterThan(0)
      const before = linesOf(calls)
      writeFileSync(`${calls}.enough`, '')
      expect(before).toBeLessThan(plants.length)

      expect(await json('resume', 'latest')).toMatchObject({ exit: 0, specs: 60, results: 60 })
      expect(linesOf(calls) - before).toBeLessThanOrEqual(open)
      expect(await json('status', 'latest')).toMatchObject({ state: 'done' })
    })

    it('follows a run under way when it is resumed, and nothing of it runs twice', async () => {
      const calls = join(folder, 'once.txt')
      const plants = Array.from({ length: 24 }, (_, n) => ({ n, calls, ms: 500 }))
      const { run } = await json('run', GROWTH, '--specs', specs('once.jsonl', plants), '--batch', '2', '--detach')
      await expect.poll(() => existsSync(calls), WAIT).toBe(true)
      expect((await call('status', 'latest')).stdout).toMatch(/ of 24 specs\nunder way\nIt lies in .* Follow it: /)
      const [one, other] = await Promise.all([json('resume', run), json('resume', run)])
      expect(one).toMatchObject({ exit: 0, run, results: 24 })
      expect(other).toEqual(one)
      expect(linesOf(calls)).toBe(24)
    })

    it('reports errors of specs by the exit code, also of a resumed run', async () => {
      const plants = [{ n: 1 }, { n: 2, fate: 'wither', place: 'a pot' }]
      expect(await json('run', GROWTH, '--specs', specs('dry.jsonl', plants))).toMatchObject({ exit: 3, errors: 1 })
      expect(await json('resume', 'latest')).toMatchObject({ exit: 3, errors: 1 })
    })
  },
)

/** Settles when a process has said this on stderr. */
function said(child: ChildProcess, what: RegExp): Promise<void> {
  let heard = ''
  return new Promise((resolve, reject) => {
    child.stderr!.on('data', (chunk) => {
      heard += chunk
      if (what.test(heard)) resolve()
    })
    child.once('close', (code) => reject(new Error(`It ended with ${code} and said: ${heard}`)))
  })
}

function linesOf(path: string): number {
  return readFileSync(path, 'utf8').trim().split('\n').length
}
