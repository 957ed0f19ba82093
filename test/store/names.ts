import fc from 'fast-check'

/** Names of files that need escaping in an address, look escaped, or look like an address. All are good names in a folder and a bucket. */
const AWKWARD = [
  ...[
    'a b.epw',
    'a%20b.epw',
    'a+b.epw',
    'a%2520b.epw',
    '50%.epw',
    '%',
    '%2F',
    '%2e%2e',
    'x[1].epw',
    '#1',
    'a#b.epw',
    'what?.epw',
  ],
  ...[
    'größe µ.epw',
    'gro\u0308ße.epw',
    'größe.epw',
    'GRÖSSE.EPW',
    '🌍.epw',
    '.hidden',
    '..epw',
    '...',
    ' a',
    'a ',
    'a:b',
    '~',
    '*',
  ],
  ...[
    's3:',
    'a;b',
    'a&b=c',
    "a'b",
    'a"b',
    'a$b',
    'a^b`|<>{}',
    'Ergebnis größe.tar.gz',
    '\u00a0',
    '\u202ea',
    '%C3%BC',
    '%FF',
    '%ü',
  ],
]

const letter = fc.constantFrom(...'ab.%20#?[]{} +&=;:@!$\'"()*,~^`|<>_-üß🌍', '\u0308', '\u200d', '%2F', '%25', '..')

export const hostileName = fc
  .oneof(
    fc.constantFrom(...AWKWARD),
    fc.array(letter, { minLength: 1, maxLength: 12 }).map((parts) => parts.join('')),
  )
  .filter((name) => name !== '.' && name !== '..')

export const awkwardNames: readonly string[] = AWKWARD
