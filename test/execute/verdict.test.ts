import { expect, test } from 'vitest'
import { type Death, verdictOf } from '../../src/execute/verdict.js'

const status = { sortIndex: 4, attempt: 1, startedAt: 100, errors: 0, memoryUsed: 0, memoryLimit: 0 }
const death: Death = {
  exitCode: null,
  signal: null,
  stderr: '',
  status,
  at: 350,
  overdue: undefined,
  uncaught: undefined,
}

test.each<[string, Partial<Death>, string, RegExp]>([
  [
    'ended for the time limit',
    { signal: 'SIGKILL', overdue: { limit: 2000, startedAt: 100 } },
    'SPEC_TIMED_OUT',
    /of 2 s/,
  ],
  [
    'ended by its watchdog',
    { signal: 'SIGKILL', status: { ...status, memoryUsed: 2.5e9, memoryLimit: 2e9 } },
    'SPEC_OUT_OF_MEMORY',
    /2\.50 GB of memory, more than its limit of 2\.00 GB/,
  ],
  [
    'aborted by V8 for want of heap',
    { signal: 'SIGABRT', stderr: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory' },
    'SPEC_OUT_OF_MEMORY',
    /heap/,
  ],
  ['killed by someone else', { signal: 'SIGKILL' }, 'SPEC_OUT_OF_MEMORY', /killed by the system/],
  ['crashed', { signal: 'SIGBUS' }, 'SPEC_CRASHED', /SIGBUS/],
  ['exited', { exitCode: 0 }, 'SPEC_EXITED', /exit code 0/],
  ['exited after talk of memory', { exitCode: 1, stderr: 'my own heap out of memory' }, 'SPEC_EXITED', /exit code 1/],
])('a process that %s', (_how, facts, code, message) => {
  const verdict = verdictOf({ ...death, ...facts })
  expect(verdict).toMatchObject({ code, name: code, stack: null })
  expect(verdict.message).toMatch(message)
})

test('what nobody caught is what the spec failed with', () => {
  const uncaught = { name: 'TypeError', message: 'x is not a function', stack: 'TypeError: x' }
  expect(verdictOf({ ...death, exitCode: 1, uncaught })).toEqual({ code: 'SPEC_FAILED', ...uncaught })
})
