import type { ExperimentContext } from 'scythe-engine'

/** One hostile spec, and what is right for its own row. Rows of others are to be as if it had never been. */
export interface Deed {
  /**
   * `error`: an error row. `result`: what it did is its own affair, and it returned a good result. `either`: both are right, but
   * it has to be the same one in batches of any size.
   */
  readonly right: 'error' | 'result' | 'either'
  /** Codes that its error row may have. Default: any. */
  readonly codes?: readonly string[]
  /** Takes seconds, since nothing but its time limit ends it. */
  readonly slow?: boolean
  /** `healthy` makes the result of a good spec. What is returned is what the experiment returns. */
  do(healthy: () => unknown, ctx: ExperimentContext): unknown
}

export type Deeds = Readonly<Record<string, Deed>>

type Do = Deed['do']

export const FAILED = ['SPEC_FAILED']
export const INVALID = ['OUTPUT_INVALID']

/** Ends in an error row with one of these codes. */
export const error = (codes: readonly string[], act: Do): Deed => ({ right: 'error', codes, do: act })

/** Ends in an error row because its time is over. */
export const overtime = (act: Do): Deed => ({ right: 'error', codes: ['SPEC_TIMED_OUT'], slow: true, do: act })

/** Does something and returns a good result. */
export const result = (act: Do): Deed => ({
  right: 'result',
  async do(healthy, ctx) {
    const good = healthy()
    await act(healthy, ctx)
    return good
  },
})

/** The same, but whether its row is a result is not laid down. */
export const either = (act: Do): Deed => ({ ...result(act), right: 'either' })

/** The same, but what it returns is up to it. */
export const returned = (right: Deed['right'], codes: readonly string[], act: Do): Deed => ({ right, codes, do: act })

export const forever = (): Promise<never> => new Promise(() => {})

export function spin(ms = Number.POSITIVE_INFINITY): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}
