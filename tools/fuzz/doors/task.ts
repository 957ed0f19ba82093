import { decodeResult, decodeTask, encodeTask, failureOf } from '../../../src/engine/hatchet/wire.js'
import { ScytheError } from '../../../src/errors.js'
import { readPythonFanInput } from '../../../src/python/fan/input.js'
import { checkPlace } from '../../../src/scatter/task-check.js'
import { type Door, RuleBroken } from '../door.js'
import { damaged } from '../mutate.js'
import { damagedValue, oddValue } from '../mutate-value.js'
import { ALLOCATION, PLAN, RUN } from './run-files.js'

const common = { store: 's3://bucket/prefix', run: RUN, experiment: 'fuzzed', labels: { has_gpu: { value: 'yes' } } }
const GOOD: readonly unknown[] = [
  encodeTask({ ...common, kind: 'fan', start: 0, end: 100, depth: 0 }, null),
  encodeTask({ ...common, kind: 'fan', start: 4, end: 64, depth: 1 }, 'root'),
  encodeTask({ ...common, kind: 'leaf', start: 4, end: 14, depth: 2 }, 'root'),
  {
    experiment_id: RUN,
    task_name: 'fuzzed',
    specs_uri: 's3://bucket/scythe/specs.pq',
    storage_settings: { BUCKET: 'bucket', BUCKET_PREFIX: 'scythe' },
    recursion_map: { path: [{ factor: 2, offset: 1 }], factor: 2, max_depth: 3 },
    save_errors: false,
  },
  { result: { start: 0, end: 10 } },
  { message: '[SPEC_FAILED] it threw' },
]

export const task: Door = {
  name: 'task',
  title: 'messages to a worker, and what an engine says of tasks',
  codes: ['TASK_INVALID'],
  make(random) {
    if (random.chance(0.05)) return Buffer.from(JSON.stringify(oddValue(random)))
    const good = random.pick(GOOD)
    if (random.chance(0.8)) return Buffer.from(JSON.stringify(damagedValue(good, random)))
    return damaged(Buffer.from(JSON.stringify(good)), random)
  },
  async take(input) {
    const text = Buffer.from(input).toString()
    failureOf(text)
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      return
    }
    decodeResult(message)
    const refusals = [
      () => readPythonFanInput(message),
      () => {
        const fan = decodeTask(message, 'fan')
        checkPlace(fan, ALLOCATION, undefined)
        checkPlace(fan, ALLOCATION, PLAN)
      },
      () => {
        const leaf = decodeTask(message, 'leaf')
        checkPlace(leaf, ALLOCATION, PLAN)
        if (leaf.end > ALLOCATION.specs) throw new RuleBroken(`a leaf to ${leaf.end} was taken`)
      },
    ].map(refusalOf)
    // What is not ours first, whichever of them it came from.
    const told = refusals.find((error) => error && !(error instanceof ScytheError)) ?? refusals.find((error) => error)
    if (told) throw told
  },
}

function refusalOf(read: () => unknown): unknown {
  try {
    read()
    return undefined
  } catch (error) {
    return error
  }
}
