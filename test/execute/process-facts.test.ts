import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

const isRoot = process.getuid?.() === 0
const facts = JSON.stringify(new URL('../../src/execute/child/process-facts.ts', import.meta.url).href)

/** Has a process of its own change something of itself, and returns what it found before and after it was put back. */
function changed(how: string): unknown {
  const code = `
    const { watchProcessFacts } = await import(${facts})
    const os = await import('node:os')
    const facts = watchProcessFacts()
    process.on('uncaughtException', () => {})
    facts.remember()
    ${how}
    const found = facts.changed() ?? null
    facts.restore()
    console.log(JSON.stringify([found, facts.changed() ?? null, facts.isSound()]))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    encoding: 'utf8',
  })
  return JSON.parse(stdout || JSON.stringify(stderr))
}

test('a process that changes nothing has unchanged facts', () => {
  expect(changed('')).toEqual([null, null, true])
})

test.skipIf(!isRoot)('a temporary change of the user is named, and the former user is restored', () => {
  expect(changed('process.seteuid(65534)')).toEqual(['the user of the process', null, true])
})

test.skipIf(!isRoot)('privileges that are given up for good are named, and are not restored', () => {
  expect(changed('process.setgroups([65534]); process.setgid(65534); process.setuid(65534)')).toEqual([
    'the user of the process',
    'the user of the process',
    false,
  ])
})

test('a lower priority is named, and the process may continue', () => {
  const [found, after, isSound] = changed('os.setPriority(os.getPriority() + 5)') as unknown[]
  expect(found).toBe('the priority of the process')
  expect(isRoot ? after : null).toBeNull()
  expect(isSound).toBe(true)
})

test.skipIf(process.platform !== 'linux')('a process with most of its files open is named, and may continue', () => {
  const open = `const fs = await import('node:fs'); try { for (;;) fs.openSync('/dev/null') } catch {}; for (let i = 0; i < 40; i++) fs.closeSync(100 + i)`
  expect(changed(open)).toEqual(['how many files it has open', 'how many files it has open', true])
})

test.each([
  ['a listener of rejections', `process.on('unhandledRejection', () => {})`],
  ['a listener of exceptions', `process.prependListener('uncaughtException', () => {})`],
  ['all listeners removed', `process.removeAllListeners()`],
  ['a domain', `const domain = await import('node:domain'); domain.create().on('error', () => {}).enter()`],
  ['a callback', 'process.setUncaughtExceptionCaptureCallback(() => {})'],
])('a handler of uncaught errors is named, and restored: %s', (_what, change) => {
  expect(changed(change)).toEqual(['who hears of errors that nobody caught', null, true])
})
