import { ExperimentRegistry } from '../../experiment/registry.js'
import { engineKind } from '../../settings/engine.js'
import { storageSettings } from '../../settings/storage.js'
import { ScytheWorkerConfig, type ShownSetting } from '../../worker/config.js'
import { UsageError } from '../errors.js'
import { ExitCode } from '../failure.js'
import { importModule } from '../load-experiment.js'
import type { CommonOptions } from '../options.js'
import { printJson, printLine } from '../stdout.js'
import { textTable } from '../text-table.js'

export interface WorkerOptions extends CommonOptions {
  readonly show?: boolean
}

/** `scythe worker [...modules]`: with `--show`, what it would be set to. */
export async function worker(modules: readonly string[], { show, json }: WorkerOptions): Promise<number> {
  const config = new ScytheWorkerConfig()
  if (!show) {
    throw new UsageError(
      `A worker serves a Hatchet engine, and this is the ${engineKind()} engine: it runs in \`scythe run\` itself.`,
    )
  }
  for (const module of modules) await importModule(module)
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

/** Where a worker's tasks come from, and where runs live. */
function otherSettings(env: NodeJS.ProcessEnv): ShownSetting[] {
  const storage = storageSettings(env)
  const place =
    storage.backend === 's3' ? { bucket: storage.bucket, bucketPrefix: storage.prefix } : { folder: storage.folder }
  const from = (variable: string) => (env[variable] ? 'environment' : 'default')
  const stored = Object.entries({ backend: storage.backend, ...place }).map(([name, value]): ShownSetting => {
    const variable = `SCYTHE_STORAGE_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`
    return { setting: `storage.${name}`, variable, value, from: from(variable) }
  })
  return [
    { setting: 'engine', variable: 'SCYTHE_ENGINE', value: engineKind(env), from: from('SCYTHE_ENGINE') },
    ...stored,
  ]
}
