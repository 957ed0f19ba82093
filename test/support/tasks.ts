import type { Executor } from '../../src/execute/executor.js'
import type { Experiment } from '../../src/experiment/experiment.js'
import {
  nodeDefinition,
  returnedValue,
  type Task,
  type TaskDefinition,
  type TaskEnd,
  type TaskHost,
  type TaskKind,
} from '../../src/scatter/task.js'
import { type TaskDefinitionsOptions, taskDefinitions } from '../../src/scatter/task-definitions.js'

/** The work of a node's tasks, by their kind. */
export interface NodeWork {
  fan(task: Task, host: TaskHost): Promise<unknown>
  leaf(task: Task, host: TaskHost): Promise<unknown>
}

/** Returns definitions of tasks that do this work. A task without work fails. */
export function nodeTasks(work: Partial<NodeWork>, experiments?: readonly Experiment[]): TaskDefinition[] {
  const none = async () => {
    throw new Error('this worker has no such task')
  }
  return [
    { takes: 'node', kind: 'fan', run: work.fan ?? none },
    { takes: 'node', kind: 'leaf', experiments, run: work.leaf ?? none },
  ]
}

/** Returns the work that a worker does for its nodes. */
export function nodeWork(executor: Executor, options?: TaskDefinitionsOptions): NodeWork {
  const tasks = taskDefinitions(executor, options)
  return { fan: nodeDefinition(tasks, 'fan')!.run, leaf: nodeDefinition(tasks, 'leaf')!.run }
}

/** Does the task that anyone may send to this name. */
export async function runInput(
  tasks: readonly TaskDefinition[],
  name: string,
  input: unknown,
  host: TaskHost,
): Promise<object> {
  const task = tasks.find((task) => task.takes === 'input' && task.name === name)
  if (task?.takes !== 'input') throw new Error(`no task is called ${name}`)
  return task.run(input, host)
}

/** Definitions of tasks that anyone may send, one of each kind by the kind's name, which do this work. */
export function inputTasks(work: (kind: TaskKind, host: TaskHost) => Promise<unknown>): TaskDefinition[] {
  return (['fan', 'leaf', 'single'] as const).map((kind) => ({
    takes: 'input',
    kind,
    name: kind,
    form: {},
    run: async (_, host) => ({ value: await work(kind, host) }),
  }))
}

/** Resolves with what a task returned. */
export async function returned(done: Promise<TaskEnd>): Promise<unknown> {
  return returnedValue(await done)
}

/** Resolves with an end as an engine reports it, from the work of a task. */
export function endOfWork(work: () => unknown, id = 'task'): Promise<TaskEnd> {
  return Promise.resolve()
    .then(work)
    .then(
      (value): TaskEnd => ({ id, status: 'returned', value }),
      (error): TaskEnd => ({ id, status: 'failed', error }),
    )
}
