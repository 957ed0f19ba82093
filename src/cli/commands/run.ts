import type { Extra } from '../../experiment/convert.js'
import type { Experiment } from '../../experiment/experiment.js'
import { isRemote } from '../../experiment/remote.js'
import { checkSpecs, type Specs } from '../../run/spec-intake.js'
import { heard } from '../../run/spec-place.js'
import { log } from '../../settings/log.js'
import { UsageError } from '../errors.js'
import { estimate, estimateText } from '../estimate.js'
import { ExitCode } from '../failure.js'
import { formatPlural, toJson } from '../format.js'
import { loadExperiment } from '../load-experiment.js'
import { type CommonOptions, choiceOption, countOption } from '../options.js'
import { runSpecs } from '../run-specs.js'
import { limited } from '../specs/limited.js'
import { gridSpecs, sampleSpecs } from '../specs/made.js'
import { openSpecs } from '../specs/open.js'
import { printJson, printLine } from '../stdout.js'

export interface RunOptions extends CommonOptions {
  readonly experiment?: string
  readonly specs?: readonly string[]
  readonly delimiter?: string
  readonly encoding?: string
  readonly sheet?: string
  readonly extra?: string
  readonly grid?: string
  readonly sample?: string
  readonly seed?: string
  readonly limit?: string
  readonly dryRun?: boolean
  readonly version?: string
  readonly slots?: string
  readonly batch?: string
  readonly detach?: boolean
}

const EXTRAS: readonly Extra[] = ['refuse', 'ignore', 'keep']
/** Number of specs that `--dry-run` shows. */
const SHOWN = 5
/** Number of specs that `--dry-run` runs. */
const TRIED = 3

/** Runs `scythe run <module>`: allocates specs, from a table or generated, and runs them. */
export async function run(module: string, options: RunOptions): Promise<number> {
  const slots = countOption('slots', options.slots)
  const batch = countOption('batch', options.batch)
  const limit = countOption('limit', options.limit)
  const { json = false, store: storeAddress, version, detach = false } = options
  checkSource(options)
  const experiment = await loadExperiment(module, options.experiment)
  const all = await specsOf(experiment, options)
  const specs = limit === undefined ? all : limited(all, limit)
  if (options.dryRun) return dryRun(experiment, specs, json, slots)
  return runSpecs(experiment, specs, { json, slots, storeAddress, version, batch, detach })
}

function checkSource({ specs, grid, sample, seed, delimiter, encoding, sheet, extra }: RunOptions): void {
  const sources = [specs, grid, sample].filter((source) => source !== undefined).length
  if (sources === 0) {
    throw new UsageError(
      'scythe run needs --specs: a CSV, JSON, Parquet or Excel file, or - for stdin; or --grid or --sample, which make specs.',
    )
  }
  if (sources > 1) throw new UsageError('Only one of --specs, --grid and --sample can say what the specs are.')
  if (seed !== undefined && sample === undefined) throw new UsageError('--seed belongs to --sample.')
  const file = Object.entries({ delimiter, encoding, sheet, extra }).find(([, value]) => value !== undefined)
  if (file && specs === undefined) throw new UsageError(`--${file[0]} belongs to --specs.`)
}

async function specsOf(experiment: Experiment, options: RunOptions): Promise<Specs> {
  const { specs, grid, sample, seed, delimiter, encoding, sheet } = options
  const extra = choiceOption('extra', EXTRAS, options.extra)
  if (grid !== undefined) return gridSpecs(grid, experiment)
  if (sample !== undefined) return sampleSpecs(sample, seed, experiment)
  if (extra === 'keep' && isRemote(experiment))
    throw new UsageError(
      '--extra keep: the specs of a remote experiment go to others, who write the tables: use ignore.',
    )
  return openSpecs(specs!, experiment, { delimiter, encoding, sheet, extra })
}

async function dryRun(experiment: Experiment, given: Specs, json: boolean, slots: number | undefined): Promise<number> {
  const tried: unknown[] = []
  const all = heard(given, (spec, row) => {
    if (row < TRIED) tried.push(spec)
  })
  const { specs, first } = await checkSpecs(experiment, all, SHOWN)
  // A remote experiment cannot be tried in this process.
  const time = isRemote(experiment) ? undefined : await estimate(experiment, tried, specs, slots)
  if (json) {
    await printJson({ specs, first, ...(time && { estimate: time }) })
    return ExitCode.OK
  }
  for (const spec of first) await printLine(toJson(spec))
  if (specs > first.length) await printLine(`… and ${formatPlural(specs - first.length, 'spec')} more`)
  log.info(`${formatPlural(specs, 'spec')} would run, and all fit the input of ${experiment.name}`)
  if (time) log.info(estimateText(time))
  return ExitCode.OK
}
