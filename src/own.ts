import { extname } from 'node:path'

// This file lies at the top of both: what is bundled keeps the address of its chunk, wherever its source lay.

/** Where the package's own modules lie: `src/`, or `dist/` of an installed copy. */
export const OWN = new URL('./', import.meta.url).href

/** What the names of its entries end in: `.ts` if this runs from source. */
export const ENDING = extname(import.meta.url)
