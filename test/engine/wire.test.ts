import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeResult,
  decodeTask,
  encodeResult,
  encodeTask,
  endOf,
  failureOf,
  failureText,
  specFailureOf,
} from '../../src/engine/hatchet/wire.js'
import type { Task } from '../../src/scatter/task.js'

const task: Task = {
  kind: 'leaf',
  store: 's3://bucket/prefix',
  run: 'base/v1.0.0/2026-01-01_00-00-00',
  experiment: 'suite',
  labels: { has_gpu: { value: 'yes', required: true } },
  start: 10,
  end: 20,
  depth: 1,
}

describe('the Hatchet wire format', () => {
  it('decodes a task with the id of its root', () => {
    expect(decodeTask(JSON.parse(JSON.stringify(encodeTask(task, 'root-id'))), 'leaf')).toEqual({
      ...task,
      root: 'root-id',
    })
  })

  it('rejects an invalid task by name', () => {
    expect(() => decodeTask({ ...encodeTask(task, null), start: -1 }, 'leaf')).toThrow(
      /Expected start of a task to be a whole number from 0 .* got -1/,
    )
    expect(() => decodeTask(null, 'leaf')).toThrow('Expected the input of a task to be an object, got null.')
    expect(() => decodeTask(encodeTask(task, null), 'fan')).toThrow('Expected kind of a task to be fan, got "leaf".')
  })

  it('encodes any result in a wrapper, and as null if the result is too large', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const there = JSON.parse(JSON.stringify(encodeResult(value)))
        expect(decodeResult(there)).toEqual({ result: JSON.parse(JSON.stringify(value)) })
      }),
    )
    expect(encodeResult('x'.repeat(600_000))).toEqual({ result: null })
    expect(encodeResult(undefined)).toEqual({ result: null })
  })

  it('decodes a cancelled task as one without a result', () => {
    for (const nothing of [{}, null, undefined, '', 0]) expect(decodeResult(nothing)).toBeUndefined()
  })

  it('decodes an error with its code and its message', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z][A-Z_]{0,20}$/), fc.string(), (code, message) => {
        const text = failureText(Object.assign(new Error(message), { code }))
        expect(failureOf(JSON.stringify({ message: text, stack: '' }))).toMatchObject({ code, message })
      }),
    )
  })

  it('decodes a Python exception with its message and its traceback', () => {
    const trace = 'Traceback (most recent call last):\n  File "walls.py", line 3, in run\nValueError: no wall\nno roof'
    const metadata = '\n\n{"__hatchet_error_metadata__": {"task_run_external_id": "e1"}}'
    expect(failureOf(`ValueError: no wall\\\nno roof\n${trace}${metadata}`)).toMatchObject({
      code: 'TASK_FAILED',
      name: 'ValueError',
      message: 'no wall\nno roof',
      stack: trace,
    })
    expect(failureOf(`KeyError\n${trace}`)).toMatchObject({ name: 'KeyError', message: '', stack: trace })
  })

  it.each([
    ['[HANDED_BACK] The worker stops.', 'requeued'],
    ['[HANDED_BACK] It never came to the worker.', 'requeued'],
    ['[CANCELLED] study/v1.0.0 was stopped.', 'cancelled'],
    ['[TASK_EXPIRED] No worker took the task.', 'expired'],
    ['[TASK_UNKNOWN] The engine does not know the task.', 'lost'],
    ['[SPEC_FAILED] no wind', 'failed'],
    ['[toString] of an object', 'failed'],
  ])('decodes %s as a task that ended as %s', (text, status) => {
    const error = failureOf(JSON.stringify({ message: text, stack: '' }))
    expect(endOf('task-1', error)).toMatchObject({ id: 'task-1', status, error })
  })

  it('decodes a spec failure that a worker of another program reports as a failure of that spec', () => {
    const trace = 'Traceback (most recent call last):\nValueError: no wall'
    expect(endOf('task-1', specFailureOf(`ValueError: no wall\n${trace}`))).toMatchObject({
      error: { code: 'SPEC_FAILED', message: 'no wall' },
      thrown: { name: 'ValueError', stack: trace },
    })
    expect(specFailureOf('"Task exceeded timeout of 3s"')).toMatchObject({ code: 'SPEC_TIMED_OUT' })
    expect(specFailureOf('no wind')).toMatchObject({ code: 'SPEC_FAILED', message: 'no wind', thrown: undefined })
    expect(specFailureOf('[STORE_UNUSABLE] away')).toMatchObject({ code: 'STORE_UNUSABLE' })
    expect(specFailureOf('Task reached its maximum reassignment count')).toMatchObject({ code: 'TASK_DEADLY' })
  })

  it("reports the engine's own message if the task reported none", () => {
    expect(failureOf('"Task exceeded timeout of 3s"')).toMatchObject({
      code: 'TASK_FAILED',
      message: 'Task exceeded timeout of 3s',
    })
    expect(failureOf('no JSON')).toMatchObject({ code: 'TASK_FAILED', message: 'no JSON' })
  })
})
