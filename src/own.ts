import { extname } from 'node:path'

// This file is at the top of `src/` and of `dist/`. Bundled code has only the address of its chunk,
// not that of its source.

/**
 * The URL of the folder with the package's own modules: `src/`, or `dist/` of an installed copy.
 */
export const OWN = new URL('./', import.meta.url).href

/** The file extension of the package's own entries: `.ts` if the package runs from source. */
export const ENDING = extname(import.meta.url)
