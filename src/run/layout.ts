import { formatVersion, parseVersion, type Version } from './versions.js'

/** The place of a run: `<base id>/<version>/<timestamp>`, which is also its experiment id. */
export interface RunId {
  readonly base: string
  readonly version: Version
  readonly time: Date
}

export const MANIFEST_KEY = 'manifest.yml'
export const IO_SPEC_KEY = 'experiment_io_spec.yml'
export const INPUT_ARTIFACTS_KEY = 'input_artifacts.yml'
export const WORKFLOW_SPEC_KEY = 'workflow_spec.yml'

export function formatRunId({ base, version, time }: RunId): string {
  return `${base}/${formatVersion(version)}/${formatTime(time)}`
}

/**
 * Parses the id of a run. Returns `undefined` if the text is not one. The version may be in Python
 * Scythe's other form, `v1-2-3`.
 */
export function parseRunId(text: string): RunId | undefined {
  const match = /^(.+)\/([^/]+)\/([^/]+)$/.exec(text)
  const version = match && parseVersion(match[2]!)
  const time = match && parseTime(match[3]!)
  return version && time ? { base: match[1]!, version, time } : undefined
}

/** Formats a time in UTC, to the second: `2026-11-21_12-45-10`. */
function formatTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-')
}

export function parseTime(text: string): Date | undefined {
  const match = /^(\d{4}-\d\d-\d\d)_(\d\d)-(\d\d)-(\d\d)$/.exec(text)
  if (!match) return undefined
  const time = new Date(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`)
  return Number.isNaN(time.getTime()) ? undefined : time
}
