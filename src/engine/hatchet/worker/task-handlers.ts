import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { ExperimentInvalidError } from '../../../experiment/errors.js'
import type { Experiment } from '../../../experiment/experiment.js'
import { missingLabels } from '../../../experiment/labels.js'
import { batchName, PYTHON_FAN } from '../../../experiment/names.js'
import type { IncludedWorkflow } from '../../../experiment/registry.js'
import { isRefusal } from '../../../scatter/errors.js'
import {
  type InputTaskDefinition,
  type NodeTaskDefinition,
  nodeDefinition,
  type Progress,
  type TaskDefinition,
  type TaskHost,
} from '../../../scatter/task.js'
import type { WorkerOptions } from '../../engine.js'
import { LabelMissingError, TaskFailedError } from '../../errors.js'
import type { Results } from '../client/results.js'
import type { Offers } from '../offers.js'
import { type AnyWorkflow, batchTask, createRegistrar, fanTask, inputTask, type Registrar } from '../tasks.js'
import { decodeTask, encodeResult, FAN, type WireTask } from '../wire.js'
import { createHost } from './host.js'
import { type AnyContext, RequeuedError, type Running, runTask } from './task-lifecycle.js'

/** Maximum size of the output of one spec, in bytes of JSON: messages stay small. */
const LARGEST_OUTPUT = 1_000_000

export interface HandlerOptions {
  readonly client: HatchetClient
  readonly results: Results
  readonly worker: WorkerOptions
  readonly offers: Offers
  /** The worker's tasks in flight. */
  readonly inFlight: Set<Running>
  onProgress(rootId: string, progress: Progress): void
}

/**
 * Returns the workflows that a worker registers: its tasks, and the workflows that were included.
 */
export function workflowsOf(options: HandlerOptions, tasks: readonly TaskDefinition[]): AnyWorkflow[] {
  const { client, worker } = options
  const { slots, durableSlots = 1, workflows = [] } = worker
  const fan = nodeDefinition(tasks, 'fan')
  const leaf = nodeDefinition(tasks, 'leaf')
  const inputs = tasks.filter((task) => task.takes === 'input')
  const experiments = leaf?.experiments ?? []
  checkNames(experiments, inputs, workflows)
  const registrar = createRegistrar(client)
  return [
    ...(fan && durableSlots > 0 ? [fanTask(client, (input, ctx) => runNode(options, fan, input, ctx))] : []),
    ...(leaf && slots > 0 ? experiments.map((experiment) => leafTask(options, leaf, experiment)) : []),
    ...(slots > 0
      ? inputs.map((task) => inputTask(client, task, (input, ctx) => runInput(options, task, registrar, input, ctx)))
      : []),
    ...(workflows as unknown as AnyWorkflow[]),
  ]
}

/**
 * Throws `ExperimentInvalidError` if a workflow has the name of a task: an engine stores one
 * definition for each name.
 */
function checkNames(
  experiments: readonly Experiment[],
  inputs: readonly InputTaskDefinition[],
  workflows: readonly IncludedWorkflow[],
): void {
  const names = [FAN, PYTHON_FAN, ...experiments.map(({ name }) => batchName(name)), ...inputs.map(({ name }) => name)]
  const taken = new Set(names.map((name) => name.toLowerCase()))
  for (const { name } of workflows) {
    const key = name.toLowerCase()
    if (taken.has(key)) {
      throw new ExperimentInvalidError(name, 'name', 'the workflow has the name of another task: rename one of them.')
    }
    taken.add(key)
  }
}

function leafTask(options: HandlerOptions, leaf: NodeTaskDefinition, experiment: Experiment): AnyWorkflow {
  return batchTask(options.client, experiment, (input, ctx) => runNode(options, leaf, input, ctx, experiment.name))
}

function runNode(
  options: HandlerOptions,
  definition: NodeTaskDefinition,
  input: unknown,
  ctx: AnyContext,
  experiment?: string,
): Promise<object> {
  const { worker, offers } = options
  const { kind } = definition
  return runTask(options, ctx, kind === 'fan', async (running) => {
    const task = decodeTask(input, kind)
    const rootId = task.root ?? ctx.workflowRunId()
    try {
      if (kind === 'leaf') checkLabels(task, worker)
      const place = { run: task.run, rootId, experiment }
      const result = await withChildren(options, ctx, running, place, (host) => definition.run(task, host))
      // A fan does not load the code.
      if (kind === 'leaf') offers.worked(task.experiment)
      return encodeResult(result)
    } catch (error) {
      if (isRefusal(error)) await offers.refused(ctx.worker.id(), task, error as Error)
      throw error
    }
  })
}

function runInput(
  options: HandlerOptions,
  task: InputTaskDefinition,
  register: Registrar,
  input: unknown,
  ctx: AnyContext,
): Promise<object> {
  return runTask(options, ctx, false, async (running) => {
    const { experiment } = task
    if (experiment) {
      checkLabels({ experiment: experiment.name, labels: experiment.desiredWorkerLabels }, options.worker)
    }
    const children = task.spawns?.(input)
    if (children) await register({ experiment: children.experiment, remote: true })
    const id = ctx.workflowRunId()
    const place = { run: children?.run ?? id, rootId: ctx.parentWorkflowRunId() ?? id }
    const output = await withChildren(options, ctx, running, place, (host) => task.run(input, host))
    return experiment ? checkSize(output) : output
  })
}

/**
 * Runs work that may spawn children. Stops the remaining children of a failed or cancelled task.
 */
async function withChildren<T>(
  { client, results, worker, onProgress }: HandlerOptions,
  ctx: AnyContext,
  running: Running,
  {
    run,
    rootId,
    experiment,
  }: { readonly run: string; readonly rootId: string; readonly experiment?: string | undefined },
  work: (host: TaskHost) => Promise<T>,
): Promise<T> {
  const host = createHost({
    client,
    results,
    running,
    parent: { runId: ctx.workflowRunId(), taskId: ctx.taskRunExternalId(), rootId },
    worker: worker.name,
    run,
    experiment,
    onProgress: (progress) => onProgress(rootId, progress),
  })
  running.signal.addEventListener('abort', () => {
    // Another worker continues a requeued fan, with its children.
    if (!(running.signal.reason instanceof RequeuedError)) void host.stopChildren()
  })
  try {
    return await work(host)
  } catch (error) {
    if (!running.signal.aborted) await host.stopChildren()
    throw error
  }
}

function checkSize(output: object): object {
  const bytes = Buffer.byteLength(JSON.stringify(output))
  if (bytes <= LARGEST_OUTPUT) return output
  throw new TaskFailedError(
    'OUTPUT_TOO_LARGE',
    `Expected an output of at most ${LARGEST_OUTPUT} bytes of JSON, got ${bytes}. Return what is large as a table or a file.`,
  )
}

/**
 * Throws `LabelMissingError` if the worker lacks a label: engines have been observed to lose labels
 * in transit.
 */
function checkLabels({ experiment, labels }: Pick<WireTask, 'experiment' | 'labels'>, worker: WorkerOptions): void {
  const missing = missingLabels(labels, worker.labels)
  if (missing.length > 0) throw new LabelMissingError(experiment, missing)
}
