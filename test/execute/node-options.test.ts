import { expect, test } from 'vitest'
import { nodeOptions } from '../../src/execute/pool/node-options.js'

const MEMORY = 2 ** 30

test('a process inherits the options that load code, and not those of the parent program', () => {
  const options = nodeOptions('/child.js', MEMORY, [
    '--import',
    './hooks.js',
    '--inspect=9229',
    '--eval',
    'start()',
    '--conditions=dev',
    '--max-old-space-size=100',
    '--test',
  ])
  expect(options.slice(0, 3)).toEqual(['--import', './hooks.js', '--conditions=dev'])
  expect(options.join(' ')).not.toMatch(/inspect|eval|start|test|=100/)
})

test('the heap of a process may take its memory and room for the modules', () => {
  expect(nodeOptions('/child.js', MEMORY, []).at(-1)).toBe('--max-old-space-size=1088')
})

test('a TypeScript entry is loaded by tsx once', () => {
  const added = nodeOptions('/child.ts', MEMORY, [])
  expect(added.slice(0, 2)).toEqual(['--import', expect.stringMatching(/^file:.*tsx/)])
  expect(nodeOptions('/child.ts', MEMORY, ['--import', 'tsx']).slice(0, -1)).toEqual(['--import', 'tsx'])
  expect(nodeOptions('/child.ts', MEMORY, ['--import=tsx']).slice(0, -1)).toEqual(['--import=tsx'])
})
