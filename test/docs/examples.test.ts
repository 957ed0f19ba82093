import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { WebSocket } from 'undici'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { blocksWith, createProject, type Project } from './project.js'

describe('examples of the documentation', () => {
  let project: Project
  beforeAll(() => {
    project = createProject()
  })
  afterAll(() => rmSync(project.folder, { recursive: true, force: true }))

  it('compiles every example of the documentation against the package', async () => {
    const compilerOptions = {
      target: 'es2022',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
    }
    writeFileSync(join(project.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: project.files }))
    expect(project.files).toEqual(expect.arrayContaining(['throw.ts', 'comments.ts']))
    expect(await project.run('node', ['node_modules/typescript/bin/tsc', '-p', '.'])).toBe('')
  })

  it('runs the first minute of README.md as it is written', async () => {
    const [commands] = blocksWith('README.md', 'sh', 'printf')
    const table = await project.run('sh', ['-ec', commands!])
    expect(table).toContain('\n0,10,45,10.19367991845056,scythe_experiment_throw_ball/v1.0.0/')
    const output = await runScript('study.ts')
    expect(output).toContain('results: 9000')
    expect(output).toContain('sort_index: 45')
  })

  it('runs the scripts of docs/scripts.md one after the other', async () => {
    expect(await runScript('allocate.ts')).toContain('3 results, 0 errors')
    expect(await runScript('follow.ts')).toContain("state: 'done'")
    expect(await runScript('read.ts')).toMatch(/^scalars .*scalars\.pq 3\n.*'v1\.0\.0'.* 5\.9+\n$/)
    expect(await runScript('resume.ts')).toBe('')
    expect(await runScript('handle.ts')).toContain('field thickness')
    expect(await runScript('one.ts')).toContain('loss: 2.99')
  })

  it('stops the spec of docs/debugging.md until a debugger resumes it', async () => {
    writeFileSync(join(project.folder, 'numbers.csv'), 'n\n1\n2\n')
    const args = ['node_modules/.bin/scythe', 'run', 'stop.ts', '--specs', 'numbers.csv', '--slots', '1', '--json']
    const child = spawn('node', args, { cwd: project.folder, env: { ...project.env, STOP_AT: '1' } })
    onTestFinished(() => void child.kill())
    const ended = once(child, 'close')
    const output = text(child.stdout)
    let printed = ''
    let debuggers = 0
    for await (const chunk of child.stderr) {
      printed += chunk
      const [, address] = /listening on (ws:\S+)\n/.exec(printed) ?? []
      if (!address) continue
      const socket = new WebSocket(address)
      await once(socket, 'open')
      socket.send(JSON.stringify({ id: 1, method: 'Runtime.runIfWaitingForDebugger' }))
      await once(socket, 'message')
      socket.close()
      printed = ''
      debuggers += 1
    }
    expect(debuggers).toBe(1)
    expect(await ended).toEqual([0, null])
    expect(JSON.parse(await output)).toMatchObject({ results: 2, errors: 0 })
  }, 120_000)

  function runScript(file: string): Promise<string> {
    return project.run('node', ['--import', 'tsx', file])
  }
})
