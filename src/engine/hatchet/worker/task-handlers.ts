import type { HatchetClient } from '@hatchet-dev/typescript-sdk'
import { ExperimentInvalidError } from '../../../experiment/errors.js'
import type { Experiment } from '../../../experiment/experiment.js'
import { missingLabels } from '../../../experiment/labels.js'
import { batchName } from '../../../experiment/names.js'
import type { IncludedWorkflow } from '../../../experiment/registry.js'
import { codeOf, REFUSALS } from '../../../scatter/errors.js'
import { readPythonFanInput } from '../../../scatter/python/input.js'
import type { Handlers, Progress, TaskHost } from '../../../scatter/task.js'
import type { WorkerOptions } from '../../engine.js'
import { LabelMissingError } from '../../errors.js'
import type { Results } from '../client/results.js'
import type { Offers } from '../offers.js'
import type { AnyWorkflow } from '../tasks.js'
import { batchTask, createRegistrar, fanTask, pythonFanTask, type Registrar, singleTask } from '../tasks.js'
import { decodeTask, encodeResult, FAN, PYTHON_FAN, TaskFailedError, type WireTask } from '../wire.js'
import { createHost } from './host.js'
import { type AnyContext, RequeuedError, type Running, runTask } from './task-lifecycle.js'

/** Bytes of JSON that one spec may give: messages stay small. */
const LARGEST_OUTPUT = 1_000_000

export interface WorkOptions {
  readonly client: HatchetClient
  readonly results: Results
  readonly handlers: Handlers
  readonly worker: WorkerOptions
  readonly offers: Offers
  /** What the worker does now. */
  readonly inHand: Set<Running>
  onProgress(rootId: string, progress: Progress): void
}

/** The fan of runs that Python Scythe allocates. */
export function pythonFanOf(options: WorkOptions): AnyWorkflow {
  const makeKnown = createRegistrar(options.client)
  return pythonFanTask(options.client, (input, ctx) => runPythonFan(options, makeKnown, input, ctx))
}

/** What a worker registers: its fan, each experiment's two tasks, and the workflows that came with it. */
export function workflowsOf(options: WorkOptions): AnyWorkflow[] {
  const { client, worker } = options
  const { slots, durableSlots = 1, experiments = [], workflows = [] } = worker
  checkNames(experiments, workflows)
  return [
    ...(durableSlots > 0 ? [fanTask(client, (input, ctx) => runNode(options, 'fan', input, ctx))] : []),
    ...(slots > 0 ? experiments.flatMap((experiment) => leafTasks(options, experiment)) : []),
    ...(workflows as unknown as AnyWorkflow[]),
  ]
}

/** An engine keeps one definition of a name, whoever else is served by it. */
function checkNames(experiments: readonly Experiment[], workflows: readonly IncludedWorkflow[]): void {
  const ours = [FAN, PYTHON_FAN, ...experiments.flatMap(({ name }) => [name, batchName(name)])]
  const taken = new Set(ours.map((name) => name.toLowerCase()))
  for (const { name } of workflows) {
    const key = name.toLowerCase()
    if (taken.has(key)) {
      throw new ExperimentInvalidError(name, 'name', 'the workflow has the name of another task: rename one of them.')
    }
    taken.add(key)
  }
}

function leafTasks(options: WorkOptions, experiment: Experiment): AnyWorkflow[] {
  return [
    batchTask(options.client, experiment, (input, ctx) => runNode(options, 'leaf', input, ctx, experiment.name)),
    singleTask(options.client, experiment, (input, ctx) => runSingle(options, experiment, input, ctx)),
  ]
}

function runNode(
  options: WorkOptions,
  kind: 'fan' | 'leaf',
  input: unknown,
  ctx: AnyContext,
  experiment?: string,
): Promise<object> {
  const { handlers, worker, offers } = options
  return runTask(options, ctx, kind === 'fan', async (running) => {
    const task = decodeTask(input, kind)
    const rootId = task.root ?? ctx.workflowRunId()
    try {
      if (kind === 'leaf') checkLabels(task, worker)
      const place = { run: task.run, rootId, experiment }
      const result = await withChildren(options, ctx, running, place, (host) => handlers[kind](task, host))
      // A fan knows nothing of the code.
      if (kind === 'leaf') offers.worked(task.experiment)
      return encodeResult(result)
    } catch (error) {
      if (REFUSALS.has(codeOf(error))) await offers.refused(ctx.worker.id(), task, error as Error)
      throw error
    }
  })
}

function runPythonFan(options: WorkOptions, makeKnown: Registrar, input: unknown, ctx: AnyContext): Promise<object> {
  return runTask(options, ctx, false, async (running) => {
    const given = readPythonFanInput(input)
    await makeKnown({ experiment: given.task_name, remote: true })
    const place = { run: given.experiment_id, rootId: ctx.workflowRunId() }
    return withChildren(options, ctx, running, place, (host) => options.handlers.pythonFan(given, host))
  })
}

/** Does work that may spawn children, and stops those that it leaves. */
async function withChildren<T>(
  { client, results, worker, onProgress }: WorkOptions,
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
    // Another worker goes on with a fan that is handed back, and with its children.
    if (!(running.signal.reason instanceof RequeuedError)) void host.stopChildren()
  })
  try {
    return await work(host)
  } catch (error) {
    if (!running.signal.aborted) await host.stopChildren()
    throw error
  }
}

function runSingle(options: WorkOptions, experiment: Experiment, input: unknown, ctx: AnyContext): Promise<object> {
  const { handlers, worker } = options
  return runTask(options, ctx, false, async (running) => {
    checkLabels({ experiment: experiment.name, labels: experiment.desiredWorkerLabels }, worker)
    const id = ctx.workflowRunId()
    const host = { id, rootId: ctx.parentWorkflowRunId() ?? id, worker: worker.name, signal: running.signal }
    return checkSize(await handlers.single(experiment, input, host))
  })
}

function checkSize(output: Record<string, unknown>): Record<string, unknown> {
  const bytes = Buffer.byteLength(JSON.stringify(output))
  if (bytes <= LARGEST_OUTPUT) return output
  throw new TaskFailedError(
    'OUTPUT_TOO_LARGE',
    `Expected an output of at most ${LARGEST_OUTPUT} bytes of JSON, got ${bytes}. Return what is large as a table or a file.`,
  )
}

/** Engines have been seen to lose labels on the way. */
function checkLabels({ experiment, labels }: Pick<WireTask, 'experiment' | 'labels'>, worker: WorkerOptions): void {
  const missing = missingLabels(labels, worker.labels)
  if (missing.length > 0) throw new LabelMissingError(experiment, missing)
}
