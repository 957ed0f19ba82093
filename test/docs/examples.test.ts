import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { WebSocket } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksWith, createProject, type Project } from './project.js'

describe('examples of the documentation', () => {
  let project: Project
  beforeAll(() => {
    project = createProject()
  })
  afterAll(() => rmSync(project.folder, { recursive: true, force: true }))

  it('compile in a project with the package', async () => {
    const compilerOptions = {
      target: 'es2022',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ['node'],
    }
    writeFileSync(join(project.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: project.files }))
    expect(project.files).toContain('throw.ts')
    expect(await project.run('node', ['node_modules/typescript/bin/tsc', '-p', '.'])).toBe('')
  })

  it('of the first minute run as README.md says', async () => {
    const [commands] = blocksWith('README.md', 'sh', 'printf')
    const table = await project.run('sh', ['-ec', commands!])
    expect(table).toContain('\n0,10,45,10.19367991845056,scythe_experiment_throw_ball/v1.0.0/')
    const output = await runScript('study.ts')
    expect(output).toContain('results: 9000')
    expect(output).toContain('sort_index: 45')
  })

  it('of scripts run one after the other', async () => {
    expect(await runScript('allocate.ts')).toContain('3 results, 0 errors')
    expect(await runScript('follow.ts')).toContain("state: 'done'")
    expect(await runScript('read.ts')).toMatch(/^scalars .*scalars\.pq 3\n.*'v1\.0\.0'.* 5\.9+\n$/)
    expect(await runScript('resume.ts')).toBe('')
    expect(await runScript('handle.ts')).toContain('field thickness')
    expect(await runScript('one.ts')).toContain('loss: 2.99')
  })

  it('of debugging wait for a debugger in the process of the spec', async () => {
    writeFileSync(join(project.folder, 'numbers.csv'), 'n\n1\n2\n')
    const args = ['node_modules/.bin/scythe', 'run', 'stop.ts', '--specs', 'numbers.csv', '--slots', '1', '--json']
    const child = spawn('node', args, { cwd: project.folder, env: { ...project.env, STOP_AT: '1' } })
    const ended = once(child, 'close')
    const output = text(child.stdout)
    let printed = ''
    for await (const chunk of child.stderr) {
      printed += chunk
      const [address] = /ws:\/\/\S+(?=\n)/.exec(printed) ?? []
      if (!address) continue
      const socket = new WebSocket(address)
      await once(socket, 'open')
      socket.send(JSON.stringify({ id: 1, method: 'Runtime.runIfWaitingForDebugger' }))
      await once(socket, 'message')
      socket.close()
      printed = ''
    }
    expect(await ended).toEqual([0, null])
    expect(JSON.parse(await output)).toMatchObject({ results: 2, errors: 0 })
  })

  function runScript(file: string): Promise<string> {
    return project.run('node', ['--import', 'tsx', file])
  }
})
