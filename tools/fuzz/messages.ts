/** What the process that takes inputs is told. */
export interface Order {
  readonly doors: readonly string[]
  /** Seeds of inputs: each goes to every door. */
  readonly first: number
  readonly inputs: number
  /** No more inputs after so many ms. */
  readonly milliseconds: number
  /** A file that names the input which is being taken. */
  readonly now: string
  /** Bytes of resident memory at most, and ms for one input. */
  readonly memory: number
  readonly patience: number
}

/** One input that was not taken as it should be. */
export interface Find {
  readonly door: string
  readonly seed: number
  readonly problem: string
}

export interface Counts {
  readonly taken: number
  readonly refused: number
}

/** What that process tells. */
export type Report =
  | { readonly find: Find }
  | { readonly counts: Readonly<Record<string, Counts>>; readonly next: number; readonly largest: number }
