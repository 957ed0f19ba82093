import type { JsonSchema } from '../../experiment/io-spec.js'
import { type Definitions, withoutNulls } from '../../experiment/json-schema.js'
import { wireValue } from '../../experiment/wire.js'
import { bucketOf } from '../../store/s3-backend.js'
import type { Store } from '../../store/store.js'
import type { TaskHost } from '../task.js'

/** The bucket that other workers write a spec's output to, in the form of Python Scythe. */
interface StorageSettings {
  readonly BUCKET: string
  readonly BUCKET_PREFIX: string
}

/**
 * Returns a function that turns a row of `specs.pq` into the input of a task of its own, in the
 * form of Python Scythe.
 */
export function remoteInput(
  ioSpec: JsonSchema,
  { experimentId, storage, host }: { experimentId: string; storage: StorageSettings | undefined; host: TaskHost },
): (row: Readonly<Record<string, unknown>>) => Record<string, unknown> {
  const definitions = (ioSpec.$defs ?? {}) as Definitions
  const input = (ioSpec.properties?.input ?? {}) as JsonSchema
  return (row) => ({
    ...(withoutNulls(wireValue(row), input, definitions) as Record<string, unknown>),
    experiment_id: experimentId,
    workflow_run_id: null,
    root_workflow_run_id: host.rootId,
    storage_settings: storage ?? null,
  })
}

/**
 * Returns the settings that stand for this store, or `undefined` if there are none: it is not in
 * S3, or has no prefix.
 */
export function storageSettingsOf(store: Pick<Store, 'uri'>): StorageSettings | undefined {
  const place = bucketOf(store.uri)
  return place?.prefix ? { BUCKET: place.bucket, BUCKET_PREFIX: place.prefix } : undefined
}
