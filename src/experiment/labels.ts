/** A label that an experiment asks of a worker, as Hatchet takes it. */
export interface DesiredWorkerLabel {
  readonly value: string | number
  readonly required?: boolean
  readonly weight?: number
}

export type DesiredWorkerLabels = Readonly<Record<string, DesiredWorkerLabel>>
/** The labels a worker has: only those that are on. */
export type WorkerLabels = Readonly<Record<string, string | number>>

/** What a label's variable puts on a worker. */
const LABEL_ON = 'yes'

function required<K extends string>(key: K) {
  const label = { value: LABEL_ON, required: true } as const
  return { key, workerLabel: { [key]: label } as Readonly<Record<K, typeof label>> }
}

/**
 * The labels that `SCYTHE_WORKER_HIGH_MEMORY`, `_HIGH_CPU` and `_HAS_GPU` put on a worker. An experiment asks for them with
 * `desiredWorkerLabels: { ...ScytheWorkerLabel.HAS_GPU.workerLabel, ...ScytheWorkerLabel.HIGH_MEMORY.workerLabel }`.
 */
export const ScytheWorkerLabel = {
  HIGH_MEMORY: required('high_memory'),
  HIGH_CPU: required('high_cpu'),
  HAS_GPU: required('has_gpu'),
} as const

/** The labels of a worker with these settings. */
export function workerLabels(has: {
  readonly highMemory: boolean
  readonly highCpu: boolean
  readonly hasGpu: boolean
}): WorkerLabels {
  const { HIGH_MEMORY, HIGH_CPU, HAS_GPU } = ScytheWorkerLabel
  const on = [has.highMemory && HIGH_MEMORY, has.highCpu && HIGH_CPU, has.hasGpu && HAS_GPU]
  return Object.fromEntries(on.flatMap((label) => (label ? [[label.key, LABEL_ON]] : [])))
}

/** The required labels that a worker lacks, or has with another value. */
export function missingLabels(desired: DesiredWorkerLabels, has: WorkerLabels): string[] {
  return Object.entries(desired)
    .filter(([name, label]) => label.required && String(has[name]) !== String(label.value))
    .map(([name]) => name)
}
