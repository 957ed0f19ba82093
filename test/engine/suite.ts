import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach } from 'vitest'
import { z } from 'zod'
import type { Engine, WorkerHandle, WorkerOptions } from '../../src/engine/engine.js'
import { compileExperiment } from '../../src/experiment/compile.js'
import type { Experiment } from '../../src/experiment/experiment.js'
import type { Task, TaskHandle, TaskHost } from '../../src/scatter/task.js'
import { type NodeWork, nodeTasks, returned } from '../support/tasks.js'

/** What only the adapter's author can arrange. */
export interface Arrangements {
  /** Returns a handle on a task that the engine has lost. */
  lostTask?(engine: Engine): Promise<TaskHandle>
  /** How often the engine requeues a task, if that is few enough for a test. */
  readonly requeues?: number
}

export const GPU = { has_gpu: { value: 'yes', required: true } }

/** Opens an engine for each test, and helps to use it. */
export interface Suite {
  readonly engine: Engine
  readonly experiment: Experiment
  /** Lets batches wait for a worker for this time alone, in ms, if the engine has that. */
  limitWaiting(ms: number): void
  task(kind: Task['kind'], start?: number, end?: number, labels?: Task['labels']): Task
  serve(work: Partial<NodeWork>, worker?: Partial<WorkerOptions>): Promise<WorkerHandle>
}

export function openSuite(open: () => Promise<Engine>): Suite {
  let engine: Engine
  /** One a test: an engine may know the workers of an earlier test for some seconds more. */
  let experiment: Experiment
  beforeEach(async () => {
    engine = await open()
    experiment = suiteExperiment()
  })
  afterEach(() => engine.close())

  return {
    get engine() {
      return engine
    },
    get experiment() {
      return experiment
    },
    limitWaiting(ms) {
      experiment = suiteExperiment(ms)
    },
    task: (kind, start = 0, end = 1, labels = {}) => ({
      kind,
      store: 'file:///nowhere',
      run: `${experiment.name}/v1.0.0/2026-01-01_00-00-00`,
      experiment: experiment.name,
      labels,
      start,
      end,
      depth: 0,
    }),
    serve: (work, worker = {}) =>
      engine.serve(nodeTasks(work, [experiment]), { name: 'worker', slots: 2, labels: {}, ...worker }),
  }
}

function suiteExperiment(scheduleTimeout?: number): Experiment {
  const name = `suite_${randomUUID().slice(0, 8)}`
  const options = { input: z.object({}), output: z.object({}), name, ...(scheduleTimeout && { scheduleTimeout }) }
  return compileExperiment(options, async () => ({}), 'file:///suite.js', name)
}

/** Does the work of a fan: spawns one leaf for each row of its range, and returns what they returned. */
export function fanOfRows(parent: Task, host: TaskHost): Promise<unknown[]> {
  return Promise.all(
    Array.from({ length: parent.end - parent.start }, (_, index) => {
      const start = parent.start + index
      const child = { ...parent, kind: 'leaf', start, end: start + 1, depth: parent.depth + 1 } as const
      return returned(host.spawn(child, `${start}`).done)
    }),
  )
}

/** Rejects when the task is stopped, as the work of a task does. */
export function untilStopped({ signal }: TaskHost): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
