import { createMemo } from '../../async/promises.js'
import type { SpecPlace } from './spec-rows.js'

/** The input files of one batch's specs. Each file is fetched once. */
export interface InputFiles {
  /** Starts to fetch a spec's files, so that they are there when it is its turn. */
  prefetch(place: SpecPlace): void
  /** Replaces the files that a spec names by local paths. Throws `FileUnavailableError`. */
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
