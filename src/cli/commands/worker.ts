import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { ExperimentRegistry } from '../../experiment/registry.js'
import { ENGINE_SETTINGS, engineKind } from '../../settings/engine.js'
import { readSettings, SettingsInvalidError, type ShownSetting, showSettings } from '../../settings/environment.js'
import { FETCH_SETTINGS } from '../../settings/fetch.js'
import { LOG_SETTINGS, logSettings } from '../../settings/log.js'
import { TIMEOUT_SETTINGS, timeoutSettings } from '../../settings/timeouts.js'
import { shownStorage } from '../../store/configured.js'
import { ScytheWorkerConfig } from '../../worker/config.js'
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

/**
 * Runs `scythe worker [...modules]`: serves the experiments of the modules. With `--show`, prints
 * the settings instead.
 */
export async function worker(modules: readonly string[], { show, json }: WorkerOptions): Promise<number> {
  const config = new ScytheWorkerConfig()
  if (show) return printSettings(config, modules, json)
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

/** Returns the modules that the settings name. A worker that takes only fans needs none. */
function experimentModules({ experimentModules, doesLeaf }: ScytheWorkerConfig): readonly string[] {
  const { SCYTHE_WORKER_EXPERIMENTS: variable } = process.env
  const missing = experimentModules.find((place) => !existsSync(place))
  if (missing === undefined) return experimentModules
  if (!variable && !doesLeaf) return []
  const expected = `folders and modules that are there (${missing} is not), or modules on the command line`
  throw new SettingsInvalidError([{ variable: 'SCYTHE_WORKER_EXPERIMENTS', value: variable, expected }])
}

async function printSettings(config: ScytheWorkerConfig, modules: readonly string[], json = false): Promise<number> {
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
      { name: 'value', cells: settings.map(({ value }) => value) },
      { name: 'from', cells: settings.map(({ from }) => from) },
      { name: 'variable', cells: settings.map(({ variable }) => variable ?? '') },
    ]),
  )
  if (modules.length > 0) await printLine(`\nExperiments: ${experiments.join(', ') || 'none'}`)
  return ExitCode.OK
}

/** Returns the settings that a worker shares with other commands. */
function otherSettings(env: NodeJS.ProcessEnv): ShownSetting[] {
  return [
    ...showSettings(ENGINE_SETTINGS, { engine: engineKind(env, 'embedded') }, env),
    ...showSettings(TIMEOUT_SETTINGS, timeoutSettings(env), env),
    ...showSettings(LOG_SETTINGS, logSettings(env), env),
    ...shownStorage(env),
    ...showSettings(FETCH_SETTINGS, readSettings(FETCH_SETTINGS, env), env),
  ]
}
