/** A label that an experiment requests of a worker, in Hatchet's form. */
export interface DesiredWorkerLabel {
  readonly value: string | number
  readonly required?: boolean
  readonly weight?: number
}

export type DesiredWorkerLabels = Readonly<Record<string, DesiredWorkerLabel>>
/** The labels of a worker. Only labels that are on are included. */
export type WorkerLabels = Readonly<Record<string, string | number>>

/** The value that a label has on a worker whose variable turns the label on. */
const LABEL_ON = 'yes'

function required<K extends string>(key: K) {
  const label = { value: LABEL_ON, required: true } as const
  return { key, workerLabel: { [key]: label } as Readonly<Record<K, typeof label>> }
}

/**
 * The labels that `SCYTHE_WORKER_HIGH_MEMORY`, `_HIGH_CPU` and `_HAS_GPU` put on a worker. An
 * experiment requires them with `desiredWorkerLabels: { ...ScytheWorkerLabel.HAS_GPU.workerLabel,
 * ...ScytheWorkerLabel.HIGH_MEMORY.workerLabel }`.
 */
export const ScytheWorkerLabel = {
  HIGH_MEMORY: required('high_memory'),
  HIGH_CPU: required('high_cpu'),
  HAS_GPU: required('has_gpu'),
} as const

/** Returns the labels of a worker with these settings. */
export function workerLabels(has: {
  readonly highMemory: boolean
  readonly highCpu: boolean
  readonly hasGpu: boolean
}): WorkerLabels {
  const { HIGH_MEMORY, HIGH_CPU, HAS_GPU } = ScytheWorkerLabel
  const on = [has.highMemory && HIGH_MEMORY, has.highCpu && HIGH_CPU, has.hasGpu && HAS_GPU]
  return Object.fromEntries(on.flatMap((label) => (label ? [[label.key, LABEL_ON]] : [])))
}

/** Returns the required labels that a worker lacks, or has with another value. */
export function missingLabels(desired: DesiredWorkerLabels, has: WorkerLabels): string[] {
  return Object.entries(desired)
    .filter(([name, label]) => label.required && String(has[name]) !== String(label.value))
    .map(([name]) => name)
}
