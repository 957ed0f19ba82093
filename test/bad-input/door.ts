/** Files by their names in the folder that a case is tried in; a name that ends in a slash is a folder. */
export type Files = Readonly<Record<string, string | Uint8Array>>

/** Something that is wrong, and what is said of it. */
export interface BadInput<Given> {
  /** What is wrong, in a few words: it names the case. */
  readonly what: string
  readonly given: Given
  /** Default: the door's. */
  readonly code?: string
  /** The exact words. The folder that the case is tried in is `<folder>`. */
  readonly says: string
  /** What the command line ends with. Default: 2. */
  readonly exit?: number
}

/** Where things come in from outside, and what is refused there. */
export interface Door<Given> {
  readonly title: string
  /** What most of its errors have. */
  readonly code: string
  /** Files that are there for every case. */
  files?(): Files
  /** Takes what is given, in a folder of its own, and throws what it says. */
  take(given: Given, folder: string): unknown
  readonly cases: readonly BadInput<Given>[]
}

/** Any door, whatever it takes. */
export type AnyDoor = Door<never>
