/**
 * Largest number of characters in a row, so that a line without end takes no more memory. A small
 * compressed file may expand to such a line.
 */
export const LONGEST_ROW = 2 ** 24

/** The problem of a row that is longer. */
export const TOO_LONG = 'has more than 16 million characters: put content that long into a file of its own.'
