import { randomUUID } from 'node:crypto'
import { type CodeHash, codeHash } from '../execute/module/code-hash.js'
import type { Experiment } from '../experiment/experiment.js'
import { withExtra } from '../experiment/extra.js'
import { ioSpec, jsonSchema, schemaHashes } from '../experiment/io-spec.js'
import { isRemote } from '../experiment/remote.js'
import { experimentTables } from '../experiment/tables.js'
import { ALLOCATION_KEY, type Allocation, SPECS_KEY } from '../scatter/allocation.js'
import { MIN_BATCHES, type RecursionMap } from '../scatter/plan.js'
import { jsonText } from '../scatter/read-json.js'
import { openObjectTable } from '../scatter/run-folder.js'
import { log } from '../settings/log.js'
import { hideSecrets } from '../settings/secrets.js'
import { StoreUnusableError } from '../store/errors.js'
import { BRIEF, enduring } from '../store/patience.js'
import { scopedStore } from '../store/scoped-store.js'
import type { Store } from '../store/store.js'
import { readRows } from '../table/rows.js'
import type { Column } from '../table/schema.js'
import { abortable } from './abortable.js'
import { type Artifacts, createArtifacts } from './artifacts.js'
import { SpecsMissingError } from './errors.js'
import { formatRunId, INPUT_ARTIFACTS_KEY, IO_SPEC_KEY, MANIFEST_KEY, type RunId, WORKFLOW_SPEC_KEY } from './layout.js'
import { listVersionFolders } from './list-runs.js'
import { type Manifest, toYaml, writeYaml } from './manifest.js'
import { createRun, type Run } from './run.js'
import type { Specs } from './spec-intake.js'
import { nextVersion, type VersionStrategy } from './versions.js'
import { writeSpecs } from './write-specs.js'

const MAX_REMOTE_BATCH = 256

export interface RunLayout {
  readonly version: VersionStrategy | (string & {})
  readonly batch: number | undefined
  readonly recursionMap: RecursionMap | undefined
}

/**
 * Makes a run of specs: claims its folder, then writes specs, files and everything that tasks need
 * to know and, last of all, the manifest, which makes the folder a run. Nothing is started. If
 * anything fails before that, or if the signal aborts, nothing is left behind, unless the store
 * itself failed.
 */
export async function allocateRun(
  store: Store,
  base: string,
  experiment: Experiment,
  specs: Specs,
  layout: RunLayout,
  single: boolean,
  signal?: AbortSignal,
): Promise<{ run: Run; allocation: Allocation }> {
  const patient = store.patient(enduring())
  const id = await claimNext(patient, base, layout.version, ioSpec(experiment))
  const folder = scopedStore(store.patient(enduring(signal)), id)
  const given = signal ? abortable(specs, signal) : specs
  try {
    signal?.throwIfAborted()
    const { allocation, manifest } = await fill(folder, id, experiment, given, layout, single)
    signal?.throwIfAborted()
    return { run: createRun(store, id, manifest), allocation }
  } catch (error) {
    // Removing the folder would wait once more for a store that was waited for in vain.
    const isThere = !(error instanceof StoreUnusableError)
    if (isThere) await discard(scopedStore(signal?.aborted ? store.patient(BRIEF) : patient, id)).catch(() => {})
    throw error
  }
}

async function fill(
  folder: Store,
  id: string,
  experiment: Experiment,
  specs: Specs,
  layout: RunLayout,
  single: boolean,
): Promise<{ allocation: Allocation; manifest: Manifest }> {
  // The code of a remote experiment belongs to its own workers.
  const hashing = isRemote(experiment) ? undefined : codeHash(experiment.module)
  const artifacts = createArtifacts(folder, { plain: isRemote(experiment) })
  const { count, extra } = await writeSpecs(folder, id, experiment, specs, artifacts)
  if (count === 0) throw new SpecsMissingError(experiment.name)
  const allocation = describe(id, experiment, { count, extra }, layout, hashing && (await codeOf(hashing)))
  await folder.put(ALLOCATION_KEY, jsonText(allocation))
  if (single)
    for await (const spec of readRows(...(await openObjectTable(folder, SPECS_KEY))))
      await writeYaml(folder, WORKFLOW_SPEC_KEY, spec)
  return { allocation, manifest: await writeManifest(folder, allocation, artifacts) }
}

/**
 * Claims the folder of a new run, with the next version and the current time. Resolves with the id
 * of the run.
 */
export async function claimNext(store: Store, base: string, strategy: string, ioSpec: unknown): Promise<string> {
  const latest = (await listVersionFolders(store, base)).at(-1)?.version
  return claimRun(store, { base, version: nextVersion(strategy, latest), time: new Date() }, ioSpec)
}

async function codeOf(hashing: ReturnType<typeof codeHash>): Promise<CodeHash | undefined> {
  const code = await hashing
  if ('hash' in code) return code
  log.warn(`resume will not tell whether the code has changed: it cannot be hashed (${code.reason})`)
  return undefined
}

function describe(
  id: string,
  experiment: Experiment,
  { count: specs, extra }: { readonly count: number; readonly extra: readonly Column[] },
  layout: RunLayout,
  code: CodeHash | undefined,
): Allocation {
  const remote = isRemote(experiment)
  return {
    format: 1,
    run_id: crypto.randomUUID(),
    experiment_id: id,
    experiment_name: experiment.name,
    module: experiment.module,
    ...(code && { code: { ...code, packages: [...code.packages] } }),
    specs,
    batch: layout.batch ?? experiment.batch ?? (remote ? remoteBatch(specs) : null),
    recursion_map: layout.recursionMap
      ? { factor: layout.recursionMap.factor, max_depth: layout.recursionMap.maxDepth }
      : null,
    hashes: schemaHashes(experiment),
    ...(extra.length > 0 && { extra: [...extra] }),
    tables: { ...withExtra(experimentTables(experiment), extra).results },
    memory: experiment.memory ?? null,
    desired_worker_labels: { ...experiment.desiredWorkerLabels },
    schedule_timeout: experiment.scheduleTimeout ?? null,
    ...(remote ? { remote: remoteSchemas(experiment) } : {}),
  }
}

/**
 * Returns the number of remote specs that share a receipt: few enough to lose little, many enough
 * for few receipts.
 */
function remoteBatch(specs: number): number {
  return Math.min(Math.ceil(specs / MIN_BATCHES), MAX_REMOTE_BATCH)
}

function remoteSchemas(experiment: Experiment): Allocation['remote'] {
  const tables = Object.entries(experiment.tables).map(([name, row]) => [name, jsonSchema(row)])
  return { io_spec: ioSpec(experiment), tables: Object.fromEntries(tables) }
}

/** Writes the manifest, which makes a folder a run and is written last. */
export async function writeManifest(
  folder: Store,
  { run_id, experiment_id, experiment_name }: Pick<Allocation, 'run_id' | 'experiment_id' | 'experiment_name'>,
  artifacts: Pick<Artifacts, 'files'> = { files: new Map() },
): Promise<Manifest> {
  const files = Object.fromEntries(
    [...artifacts.files].map(([field, addresses]) => [field, [...addresses].map(hideSecrets)]),
  )
  const hasFiles = artifacts.files.size > 0
  if (hasFiles) await writeYaml(folder, INPUT_ARTIFACTS_KEY, { files })
  const manifest: Manifest = {
    workflow_run_id: run_id,
    experiment_id,
    experiment_name,
    specs_uri: folder.uriOf(SPECS_KEY),
    io_spec: folder.uriOf(IO_SPEC_KEY),
    ...(hasFiles ? { input_artifacts: folder.uriOf(INPUT_ARTIFACTS_KEY) } : {}),
  }
  await writeYaml(folder, MANIFEST_KEY, manifest)
  return manifest
}

/** Removes a claimed folder. */
async function discard(folder: Store) {
  const keys: string[] = []
  for await (const { key } of folder.list('')) keys.push(key)
  await folder.delete(keys)
}

/**
 * Claims the folder of a run: the first free second from `id.time` on. Resolves with the id. The io
 * spec is written first, if there is none, so of two allocations in one second, one gets the next
 * second. A stored io spec may be this process's own, written by a request whose answer was lost:
 * the comment in it tells.
 */
async function claimRun(store: Store, id: RunId, ioSpec: unknown): Promise<string> {
  const yaml = `${await toYaml(ioSpec)}# claim ${randomUUID()}\n`
  for (let time = id.time; ; time = new Date(time.getTime() + 1000)) {
    const claimed = formatRunId({ ...id, time })
    const folder = scopedStore(store, claimed)
    if (await folder.putIfAbsent(IO_SPEC_KEY, yaml)) return claimed
    if (Buffer.from(await folder.get(IO_SPEC_KEY)).toString() === yaml) return claimed
  }
}
