import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { ExperimentRegistry } from '../../experiment/registry.js'
import { formatDuration } from '../../settings/duration.js'
import { engineKind } from '../../settings/engine.js'
import { SettingsInvalidError } from '../../settings/environment.js'
import { logSettings } from '../../settings/log.js'
import { storagePatience, storageSettings } from '../../settings/storage.js'
import { timeoutSettings } from '../../settings/timeouts.js'
import { ScytheWorkerConfig, type ShownSetting } from '../../worker/config.js'
import { findModules } from '../../worker/modules.js'
import { runWorker } from '../../worker/run-worker.js'
import { UsageError } from '../errors.js'
import { ExitCode } from '../failure.js'
import { importModule } from '../load-experiment.js'
import type { CommonOptions } from '../options.js'
import { printJson, printLine } from '../stdout.js'
import { textTable } from '../text-table.js'

export interface WorkerOptions extends CommonOptions {
  readonly show?: boolean
}

/** `scythe worker [...modules]`: serves their experiments; with `--show`, what it would be set to. */
export async function worker(modules: readonly string[], { show, json }: WorkerOptions): Promise<number> {
  const config = new ScytheWorkerConfig()
  if (show) return showSettings(config, modules, json)
  if (engineKind(process.env, 'embedded') === 'local') {
    throw new UsageError(
      'The local engine needs no worker: `scythe run` runs specs itself. `scythe worker --show` shows the settings.',
    )
  }
  const files = findModules(modules.length > 0 ? modules : experimentModules(config))
  for (const file of files) await importModule(file)
  await runWorker(config, { programs: files.map((file) => pathToFileURL(file).href) })
  return ExitCode.OK
}

/** Those of the settings. A worker that takes fans only needs none. */
function experimentModules({ experimentModules, doesLeaf }: ScytheWorkerConfig): readonly string[] {
  const { SCYTHE_WORKER_EXPERIMENTS: variable } = process.env
  const missing = experimentModules.find((place) => !existsSync(place))
  if (missing === undefined) return experimentModules
  if (!variable && !doesLeaf) return []
  const expected = `folders and modules that are there (${missing} is not), or modules on the command line`
  throw new SettingsInvalidError([{ variable: 'SCYTHE_WORKER_EXPERIMENTS', value: variable, expected }])
}

async function showSettings(config: ScytheWorkerConfig, modules: readonly string[], json = false): Promise<number> {
  for (const file of findModules(modules)) await importModule(file)
  const settings = [...config.describe(), ...otherSettings(process.env)]
  const experiments = ExperimentRegistry.list().map(({ name }) => name)
  if (json) {
    await printJson({ settings, experiments })
    return ExitCode.OK
  }
  await printLine(
    textTable([
      { name: 'setting', cells: settings.map(({ setting }) => setting) },
      { name: 'value', cells: settings.map(({ value }) => value || '–') },
      { name: 'from', cells: settings.map(({ from }) => from) },
      { name: 'variable', cells: settings.map(({ variable }) => variable ?? '') },
    ]),
  )
  if (modules.length > 0) await printLine(`\nExperiments: ${experiments.join(', ') || 'none'}`)
  return ExitCode.OK
}

/** Where a worker's tasks come from, how long they may take, and where runs live. */
function otherSettings(env: NodeJS.ProcessEnv): ShownSetting[] {
  const storage = storageSettings(env)
  const timeouts = timeoutSettings(env)
  const time = (ms: number | undefined) => (ms === undefined ? '' : formatDuration(ms))
  const settings = [
    ['engine', 'SCYTHE_ENGINE', engineKind(env, 'embedded')],
    ['experimentExecution', 'SCYTHE_TIMEOUT_EXPERIMENT_EXECUTION', time(timeouts.experimentExecution)],
    ['experimentSchedule', 'SCYTHE_TIMEOUT_EXPERIMENT_SCHEDULE', time(timeouts.experimentSchedule)],
    ['scatterGatherExecution', 'SCYTHE_TIMEOUT_SCATTER_GATHER_EXECUTION', time(timeouts.scatterGatherExecution)],
    ['scatterGatherSchedule', 'SCYTHE_TIMEOUT_SCATTER_GATHER_SCHEDULE', time(timeouts.scatterGatherSchedule)],
    ['logFormat', 'SCYTHE_LOG_FORMAT', logSettings(env).format],
    ['logLevel', 'SCYTHE_LOG_LEVEL', logSettings(env).level],
    ['storageBackend', 'SCYTHE_STORAGE_BACKEND', storage.backend],
    ['storagePatience', 'SCYTHE_STORAGE_PATIENCE', formatDuration(storagePatience(env))],
  ]
  if (storage.backend === 's3') {
    settings.push(['storageBucket', 'SCYTHE_STORAGE_BUCKET', storage.bucket])
    settings.push(['storageBucketPrefix', 'SCYTHE_STORAGE_BUCKET_PREFIX', storage.prefix])
  } else settings.push(['storageFolder', 'SCYTHE_STORAGE_FOLDER', storage.folder])
  return (settings as [string, string, string][]).map(([setting, variable, value]) => {
    return { setting, variable, value, from: env[variable] ? 'environment' : 'default' }
  })
}
