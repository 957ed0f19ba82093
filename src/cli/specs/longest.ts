/** Characters of a row at most: a line without end, as of a file that stands for far more than it has, takes no more memory. */
export const LONGEST_ROW = 2 ** 24

/** What is said of a row that is longer. */
export const TOO_LONG = 'has more than 16 million characters: put content that long into a file of its own.'
