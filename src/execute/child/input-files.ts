import { createMemo } from '../../async/promises.js'
import type { SpecPlace } from './spec-rows.js'

/** Fetches the input files of the specs of one batch, each file once. */
export interface InputFiles {
  /** Starts to fetch the files of a spec, so that they are ready for its turn. */
  prefetch(place: SpecPlace): void
  /**
   * Replaces the file addresses in a spec with local paths. Rejects with `FileUnavailableError`.
   */
  bring(spec: Record<string, unknown>, place: SpecPlace): Promise<void>
}

export function createInputFiles(fields: readonly string[], fetchFile: (uri: string) => Promise<string>): InputFiles {
  const paths = createMemo<string, string>()
  const ask = (uri: string) => paths.get(uri, () => fetchFile(uri))

  return {
    prefetch({ columns, row }) {
      for (const field of fields) {
        const uri = columns[field]?.[row]
        if (typeof uri === 'string') ask(uri)
      }
    },
    async bring(spec, { columns, row }) {
      for (const field of fields) {
        const uri = columns[field]?.[row]
        if (typeof uri === 'string') spec[field] = await ask(uri)
      }
    },
  }
}
