import { PYTHON_FAN } from '../../experiment/names.js'
import type { InputTaskDefinition } from '../../scatter/task.js'
import type { TaskStores } from '../../scatter/task-stores.js'
import { bucketAddress } from '../../store/s3-backend.js'
import { pythonFanForm, readPythonFanInput } from './input.js'
import { runPythonFan } from './run-fan.js'

/**
 * Returns the definition of the task that runs the fans of runs which Python Scythe allocates.
 * Their stores are buckets.
 */
export function pythonFanTask(stores: TaskStores): InputTaskDefinition {
  return {
    takes: 'input',
    kind: 'fan',
    name: PYTHON_FAN,
    description: 'Runs the specs of a run that Python Scythe allocated, and lays their tables together.',
    form: pythonFanForm(),
    spawns(input) {
      const { experiment_id: run, task_name: experiment } = readPythonFanInput(input)
      return { run, experiment }
    },
    async run(given, host) {
      const input = readPythonFanInput(given)
      const { BUCKET, BUCKET_PREFIX } = input.storage_settings
      const store = bucketAddress(BUCKET, BUCKET_PREFIX)
      await stores.served.check(store)
      return runPythonFan(input, host, stores.of(host)(store), (uri) => stores.getObject(uri, host))
    },
  }
}
