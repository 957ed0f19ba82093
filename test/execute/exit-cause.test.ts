import { expect, test } from 'vitest'
import { exitCauseOf, isFromOutside, type ProcessExit } from '../../src/execute/pool/exit-cause.js'
import { Phase } from '../../src/execute/status-file.js'
import { idleStatus } from './support.js'

const status = { ...idleStatus, sortIndex: 4, attempt: 1, startedAt: 100, begun: 1, phase: Phase.SYNC }
const exit: ProcessExit = {
  exitCode: null,
  signal: null,
  stderr: '',
  status,
  at: 350,
  ended: undefined,
  word: undefined,
}
const overdue = (limit: number) => ({ type: 'overdue', limit, startedAt: 100 }) as const

test.each<[string, Partial<ProcessExit>, string, RegExp, number]>([
  ['was ended for the time limit', { signal: 'SIGKILL', ended: overdue(2000) }, 'SPEC_TIMED_OUT', /of 2 s/, 1],
  ['was ended for a long time limit', { signal: 'SIGKILL', ended: overdue(3.6e6) }, 'SPEC_TIMED_OUT', /3600 s/, 0],
  [
    'was blocked, while its spec waited, until a long time limit was over',
    { signal: 'SIGKILL', ended: overdue(3.6e6), status: { ...status, phase: Phase.ASYNC } },
    'SPEC_TIMED_OUT',
    /3600 s/,
    1,
  ],
  ['made no progress', { signal: 'SIGKILL', ended: { type: 'stalled' } }, 'SPEC_CRASHED', /left running/, 3],
  [
    'was ended by its watchdog',
    { signal: 'SIGKILL', status: { ...status, memoryUsed: 2.5e9, memoryLimit: 2e9 } },
    'SPEC_OUT_OF_MEMORY',
    /2\.50 GB of memory, more than its limit of 2\.00 GB/,
    1,
  ],
  [
    'was aborted by V8 because the heap was full',
    { signal: 'SIGABRT', stderr: 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory' },
    'SPEC_OUT_OF_MEMORY',
    /heap/,
    1,
  ],
  ['was killed from outside', { signal: 'SIGKILL' }, 'SPEC_OUT_OF_MEMORY', /killed by the system/, 3],
  ['was terminated from outside', { signal: 'SIGTERM' }, 'SPEC_CRASHED', /SIGTERM/, 3],
  ['crashed', { signal: 'SIGBUS' }, 'SPEC_CRASHED', /SIGBUS/, 1],
  ['exited', { exitCode: 0 }, 'SPEC_EXITED', /exit code 0/, 1],
  [
    'exited after a message about memory',
    { exitCode: 1, stderr: 'my own heap out of memory' },
    'SPEC_EXITED',
    /code 1/,
    1,
  ],
])(
  'a process that %s is described, and is blamed only if it exits so %5$i times alone',
  (_how, facts, code, message, proofs) => {
    const cause = exitCauseOf({ ...exit, ...facts })
    expect(cause).toMatchObject({ code, name: code, stack: null, proofs })
    expect(cause.message).toMatch(message)
  },
)

test('an uncaught error becomes the error of its spec, at once if it is known to be the spec’s own', () => {
  const thrown = { name: 'TypeError', message: 'x is not a function', stack: 'TypeError: x' }
  const causeOf = (owned: boolean) => exitCauseOf({ ...exit, exitCode: 1, word: { type: 'uncaught', thrown, owned } })
  expect(causeOf(true)).toEqual({ code: 'SPEC_FAILED', ...thrown, proofs: 0 })
  expect(causeOf(false)).toEqual({ code: 'SPEC_FAILED', ...thrown, proofs: 2 })
})

test('only a signal that neither the pool nor the process itself caused comes from outside', () => {
  expect(isFromOutside({ ...exit, signal: 'SIGTERM' })).toBe(true)
  expect(isFromOutside({ ...exit, signal: 'SIGSEGV' })).toBe(false)
  expect(isFromOutside({ ...exit, signal: 'SIGKILL', ended: { type: 'stalled' } })).toBe(false)
  expect(isFromOutside({ ...exit, signal: 'SIGKILL', word: { type: 'changed', what: 'Math.sin' } })).toBe(false)
})
