import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { freePorts } from '../../tools/ports.js'
import { hasEngine, startHatchet } from '../support/engine.js'
import { contextFiles } from './context.js'
import { parseDockerfile } from './dockerfile.js'
import { buildImage, environmentOf, type Image, namesIn, runIn } from './image.js'
import { checkout } from './tools.js'
import { giveTo, type User, unprivilegedUser } from './user.js'

const canServe = await hasEngine('a worker of the image')

const STUDY = `
import { ExperimentRegistry } from 'scythe-engine'
import { z } from 'zod'

export const double = ExperimentRegistry.register({ input: z.object({ x: z.int() }), output: z.object({ y: z.int() }) })(
  function double({ x }) {
    return { y: 2 * x }
  },
)
`

/** Specs of experiments/monte-carlo.ts that take about a second each. */
const RETROFITS = [
  'investment,yearly_saving,price,price_growth,price_volatility,discount_rate,years,paths,seed',
  ...[1, 2, 3, 4, 5, 6].map((seed) => `1000,500,0.3,0.02,0.1,0.03,20,1000000,${seed}`),
].join('\n')

/** There is no Docker in tests: the steps of the Dockerfile are carried out one by one, by nobody in particular. */
describe('the image', () => {
  let folder: string
  let user: User
  let image: Image

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'scythe-image-'))
    user = unprivilegedUser(folder)
    const stages = parseDockerfile(await readFile(join(checkout, 'Dockerfile'), 'utf8'))
    image = await buildImage(stages, { folder, context: checkout, files: contextFiles(checkout), user })
    // What is root's in the image, who runs it can only read.
    await runIn(image, user, ['sh', '-c', 'chmod -R a-w . && chmod u+w .scythe'])
  }, 600_000)

  afterAll(async () => {
    await runIn(image, user, ['chmod', '-R', 'u+w', '.'])
    await rm(folder, { recursive: true, force: true })
  })

  test('holds what runs, and nothing that only building needs', async () => {
    expect(await namesIn(image, '.')).toEqual(['.scythe', 'dist', 'experiments', 'node_modules', 'package.json'])
    const packages = await namesIn(image, 'node_modules')
    expect(packages).toContain('zod')
    expect(packages).not.toContain('typescript')
  })

  test('starts node itself, and not as root', () => {
    expect(image.command).toEqual(['node', 'dist/main.js'])
    expect(Number(image.user)).toBeGreaterThan(0)
  })

  test('is the command line, too', async () => {
    const { stdout } = await runIn(image, user, ['scythe', 'worker', 'experiments/index.ts', '--show', '--json'])
    expect(JSON.parse(stdout).experiments).toContain('scythe_experiment_retrofit_value')
  })

  test.each([
    { status: 200, exitCode: 0 },
    { status: 503, exitCode: 1 },
  ])('is healthy as /health says: $status', async ({ status, exitCode }) => {
    const server = createServer((request, response) =>
      response.writeHead(request.url === '/health' ? status : 404).end(),
    )
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void server.close())
    expect(await healthOn((server.address() as AddressInfo).port)).toBe(exitCode)
  })

  test('is unhealthy where nobody answers', async () => {
    expect(await healthOn(1)).toBe(1)
  })

  test('is what a study of one’s own starts from, as the README says', async () => {
    const [, dockerfile = ''] = /```dockerfile\n(.*?)```/s.exec(
      await readFile(join(checkout, 'deploy/docker/README.md'), 'utf8'),
    )!
    const context = join(folder, 'context')
    await mkdir(context)
    await writeFile(join(context, 'double.ts'), STUDY)
    const worker = { ...image, root: join(folder, 'study') }
    const filter = (path: string) => !path.endsWith('/experiments')
    await cp(image.root, worker.root, { recursive: true, verbatimSymlinks: true, filter })
    await giveTo(user, worker.root)
    await runIn(worker, user, ['chmod', '-R', 'u+w', '.'])
    const images = { 'scythe-worker': worker }
    const study = await buildImage(parseDockerfile(dockerfile), { folder, context, files: ['double.ts'], user, images })
    const specs = await fileForAll('numbers.csv', 'x\n1\n2\n3\n')
    const { stdout } = await runIn(study, user, ['scythe', 'run', 'experiments/double.ts', '--specs', specs, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ specs: 3, results: 3, errors: 0 })
  })

  test.skipIf(!canServe)('is a worker that is healthy, and leaves its run to the next one on SIGTERM', async () => {
    const engine = await startHatchet()
    onTestFinished(engine.stop)
    const [port = 0] = await freePorts(1)
    const settings = { SCYTHE_WORKER_HEALTH_PORT: `${port}`, SCYTHE_WORKER_SLOTS: '1', SCYTHE_WORKER_DRAIN: '1s' }
    const first = await startWorker({ ...engine.env, ...settings })

    const specs = await fileForAll('retrofits.csv', RETROFITS)
    const command = ['scythe', 'run', 'experiments/monte-carlo.ts', '--specs', specs, '--json']
    const run = runIn(image, user, command, engine.env)
    await isAtWork(port)
    expect(await healthOn(port)).toBe(0)
    first.kill('SIGTERM')
    expect(await once(first, 'exit')).toEqual([0, null])

    const second = await startWorker({ ...engine.env, ...settings })
    expect(JSON.parse((await run).stdout)).toMatchObject({ specs: 6, results: 6, errors: 0 })
    second.kill('SIGTERM')
    expect(await once(second, 'exit')).toEqual([0, null])
  })

  async function healthOn(port: number): Promise<number> {
    const env = { SCYTHE_WORKER_HEALTH_PORT: `${port}` }
    return await runIn(image, user, image.healthcheck, env).then(
      () => 0,
      (error) => error.code,
    )
  }

  /** As Docker starts the image. */
  async function startWorker(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
    const [program = '', ...args] = image.command
    const cwd = join(image.root, image.workdir)
    const options = { ...user.ids, cwd, env: environmentOf(image, user, env) }
    const worker = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
    onTestFinished(() => void worker.kill('SIGKILL'))
    await isReady(worker)
    return worker
  }

  async function fileForAll(name: string, content: string): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, content)
    return path
  }
})

/** Rejects with all that it said where it ends before. */
async function isReady(worker: ChildProcess): Promise<void> {
  const said: string[] = []
  for await (const line of createInterface({ input: worker.stderr! })) {
    said.push(line)
    if (line.includes(' is ready')) return
  }
  throw new Error(`The worker did not start.\n${said.join('\n')}`)
}

/** The worker whose health is on this port has looked at all that it needs, and runs specs. */
async function isAtWork(port: number): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/health`)
    const { slots } = (await response.json()) as { slots: { leaf: { inUse: number } } }
    if (response.ok && slots.leaf.inUse > 0) return
    await sleep(50)
  }
}
