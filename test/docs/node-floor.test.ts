import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { readText } from './markdown.js'

it('names one oldest version of Node.js everywhere', () => {
  const { engines } = JSON.parse(readText('package.json')) as { engines: { node: string } }
  const floor = engines.node.replace('>=', '')
  const workflow = parse(readText('.github/workflows/ci.yml'))
  expect(workflow.jobs.ci.strategy.matrix.node[0]).toBe(floor)
  expect(readText('.nvmrc').trim()).toBe(floor)
  expect(readText('scripts/build.js')).toContain(`target: 'node${floor}'`)
  for (const file of ['README.md', 'CONTRIBUTING.md', 'scripts/run'])
    expect(readText(file), file).toContain(`Node.js ${floor} or newer`)
})
