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

test('an own process that changes nothing is as it was', () => {
  expect(changed('')).toEqual([null, null, true])
})

test.skipIf(!isRoot)('another user for the time being is named, and the one before comes back', () => {
  expect(changed('process.seteuid(65534)')).toEqual(['the user of the process', null, true])
})

test.skipIf(!isRoot)('rights that are given up for good are named, and do not come back', () => {
  expect(changed('process.setgroups([65534]); process.setgid(65534); process.setuid(65534)')).toEqual([
    'the user of the process',
    'the user of the process',
    false,
  ])
})

test('a lower priority is named; a process may go on with it', () => {
  const [found, after, isSound] = changed('os.setPriority(os.getPriority() + 5)') as unknown[]
  expect(found).toBe('the priority of the process')
  expect(isRoot ? after : null).toBeNull()
  expect(isSound).toBe(true)
})

test.skipIf(process.platform !== 'linux')('a process with most of its files open is named, and may go on', () => {
  const open = `const fs = await import('node:fs'); try { for (;;) fs.openSync('/dev/null') } catch {}; for (let i = 0; i < 40; i++) fs.closeSync(100 + i)`
  expect(changed(open)).toEqual(['how many files it has open', 'how many files it has open', true])
})

test.each([
  ['a listener of rejections', `process.on('unhandledRejection', () => {})`],
  ['a listener of exceptions', `process.prependListener('uncaughtException', () => {})`],
  ['none any more', `process.removeAllListeners()`],
  ['a domain', `const domain = await import('node:domain'); domain.create().on('error', () => {}).enter()`],
  ['a callback', 'process.setUncaughtExceptionCaptureCallback(() => {})'],
])('who hears of errors that nobody caught is named, and put back: %s', (_what, change) => {
  expect(changed(change)).toEqual(['who hears of errors that nobody caught', null, true])
})
