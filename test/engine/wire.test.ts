import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeResult,
  decodeTask,
  encodeResult,
  encodeTask,
  failureOf,
  failureText,
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

describe('what travels through Hatchet', () => {
  it('is a task with the id of its root', () => {
    expect(decodeTask(JSON.parse(JSON.stringify(encodeTask(task, 'root-id'))), 'leaf')).toEqual({
      ...task,
      root: 'root-id',
    })
  })

  it('is refused by name where it is no task', () => {
    expect(() => decodeTask({ ...encodeTask(task, null), start: -1 }, 'leaf')).toThrow(
      /Expected start of a task to be a whole number from 0 .* got -1/,
    )
    expect(() => decodeTask(null, 'leaf')).toThrow('Expected the input of a task to be an object, got null.')
    expect(() => decodeTask(encodeTask(task, null), 'fan')).toThrow('Expected kind of a task to be fan, got "leaf".')
  })

  it('is any result, wrapped, and null where it is too large', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const there = JSON.parse(JSON.stringify(encodeResult(value)))
        expect(decodeResult(there)).toEqual({ result: JSON.parse(JSON.stringify(value)) })
      }),
    )
    expect(encodeResult('x'.repeat(600_000))).toEqual({ result: null })
    expect(encodeResult(undefined)).toEqual({ result: null })
  })

  it('is no result where a task was cancelled', () => {
    for (const nothing of [{}, null, undefined, '', 0]) expect(decodeResult(nothing)).toBeUndefined()
  })

  it('is an error with its code and message', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z][A-Z_]{0,20}$/), fc.string(), (code, message) => {
        const text = failureText(Object.assign(new Error(message), { code }))
        expect(failureOf(JSON.stringify({ message: text, stack: '' }))).toMatchObject({ code, message })
      }),
    )
  })

  it('is a Python exception with its message and traceback', () => {
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

  it("is the engine's own sentence where the task said nothing", () => {
    expect(failureOf('"Task exceeded timeout of 3s"')).toMatchObject({
      code: 'TASK_FAILED',
      message: 'Task exceeded timeout of 3s',
    })
    expect(failureOf('no JSON')).toMatchObject({ code: 'TASK_FAILED', message: 'no JSON' })
  })
})
