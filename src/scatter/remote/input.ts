import type { JsonSchema } from '../../experiment/io-spec.js'
import { type Definitions, withoutNulls } from '../../experiment/json-schema.js'
import { wireValue } from '../../experiment/wire.js'
import { splitS3 } from '../../store/address.js'
import type { Store } from '../../store/store.js'
import type { TaskHost } from '../task.js'

/** The bucket that others put into what a spec gives, as Python Scythe names it. */
interface StorageSettings {
  readonly BUCKET: string
  readonly BUCKET_PREFIX: string
}

/** Turns a row of a run's `specs.pq` into the input of a task of its own, as Python Scythe has it. */
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

/** The settings that mean this store. `undefined` where there are none: it is a folder, or a bucket without a prefix. */
export function storageSettingsOf(store: Pick<Store, 'uri'>): StorageSettings | undefined {
  const place = splitS3(store.uri)
  return place && { BUCKET: place.bucket, BUCKET_PREFIX: place.key }
}
